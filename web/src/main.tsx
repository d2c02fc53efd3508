import '@mantine/core/styles.css';
import './app.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/queries';
import { takeToken } from './api/session';
import { Gate } from './shell/Gate';
import { nonce } from './nonce';
import { colorSchemeManager, cssVariables, theme } from './theme';

const token = takeToken();
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} cssVariablesResolver={cssVariables} colorSchemeManager={colorSchemeManager} defaultColorScheme="auto" getStyleNonce={nonce}>
        <QueryClientProvider client={queryClient}>
          <Gate token={token} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
