-- Average, exact median and p90 (nearest rank), and sum of a number by week.
SELECT
    week,
    sum / length(amounts),
    amounts[intDiv(length(amounts) + 1, 2)],
    amounts[intDiv(9 * length(amounts) + 9, 10)],
    sum
FROM (
    SELECT
        intDiv(day - $first_day, 7) AS week,
        arraySort(groupArray(assumeNotNull(amount))) AS amounts,
        sum(amount) AS sum
    FROM $events
    WHERE amount IS NOT NULL
    GROUP BY week
)
