export { chromiumPath, openChromium } from './chromium.js';
export { bundle, type BundleOptions } from './bundle.js';
export { runInBrowser, type BrowserRun } from './run-in-browser.js';
export { serve, type Served, type ServedFiles } from './serve.js';
