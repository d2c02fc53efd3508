import { expect, it } from 'vitest';
import { alongOption, type Axis, type Drawn } from './option';

const LOOK = { dark: false, narrow: false, width: 800 };
const axis: Axis = { size: 2, name: String, short: String };
const drawn = (id: string, values: (number | null)[]): Drawn => ({ id, label: id, style: { color: '#000000', dashed: false }, values, total: null, faint: false });

interface Drawing {
  yAxis: { minInterval?: number; axisLabel: { formatter: (value: number) => string } };
  series: { id: string; stack?: string; data: number[] }[];
}

const option = (lines: Drawn[], of: Axis) => alongOption(lines, of, 'bars', LOOK) as unknown as Drawing;

it('stacks who comes above the axis and who stays away below it, without a sign and in whole people', () => {
  const { yAxis, series } = option([drawn('new', [3, 4]), drawn('dormant', [-2, -1])], { ...axis, stacked: true });
  expect(series.map(({ id, stack, data }) => [id, stack, data])).toEqual([['new', 'all', [3, 4]], ['dormant', 'all', [-2, -1]]]);
  expect([yAxis.axisLabel.formatter(-1000), yAxis.axisLabel.formatter(2)]).toEqual([yAxis.axisLabel.formatter(1000), '2']);
  expect(yAxis.minInterval).toBe(1);
});

it('has parts of numbers on its axis only where there are some', () => {
  expect(option([drawn('users', [1, null])], axis).yAxis.minInterval).toBe(1);
  expect(option([drawn('average', [1.5, 2])], axis).yAxis.minInterval).toBeUndefined();
  expect(option([drawn('share', [1, 2])], { ...axis, format: (value) => `${value}%` }).yAxis.minInterval).toBeUndefined();
});
