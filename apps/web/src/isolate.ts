const tried = 'lowrank.isolation-tried';

/** Asks a service worker for the headers that wasm threads need, and loads the page anew once; gives up after that. */
export async function isolate(): Promise<void> {
  if (globalThis.crossOriginIsolated || !('serviceWorker' in navigator) || sessionStorage.getItem(tried)) return;
  sessionStorage.setItem(tried, 'yes');
  await navigator.serviceWorker.register(new URL('isolate.js', document.baseURI));
  await navigator.serviceWorker.ready;
  location.reload();
}
