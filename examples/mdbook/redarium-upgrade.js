// mdBook loads scripts, not modules: this one fetches the module that turns `redis` blocks into playgrounds.
// Copy the package's `dist` folder to `src/redarium`, and mdBook copies it to the book.
import(new URL("redarium/upgrade.js", document.currentScript.src).href);
