import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { App } from "./app/App";
import "./app/opened";
import { ErrorBoundary } from "./app/ErrorBoundary";
import { startLanguages } from "./app/i18n";
import { newQueryClient } from "./app/query-client";
import "./app/styles.css";
import { startTheme } from "./app/theme";

startTheme();

async function start() {
  await startLanguages();
  const root = document.getElementById("root");
  if (!root) return;
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={newQueryClient()}>
        <ErrorBoundary>
          <BrowserRouter>
            <App />
          </BrowserRouter>
        </ErrorBoundary>
      </QueryClientProvider>
    </StrictMode>,
  );
}

void start();
