import path from "node:path";
import type { Plugin } from "vite";

const INLINE_FONT = /url\((["']?)data:font\/(\w+);base64,([A-Za-z0-9+/=]+)\1\)/g;

/**
 * Writes fonts that a package's style sheet carries inline as files of their own.
 *
 * GraphiQL's style sheet holds each of its fonts as a data URL: all are loaded at once, and a
 * Content-Security-Policy would have to allow fonts from data.
 */
export function fontsAsFiles(): Plugin {
  return {
    name: "fonts-as-files",
    generateBundle(_, bundle) {
      for (const sheet of Object.values(bundle)) {
        if (sheet.type !== "asset" || !sheet.fileName.endsWith(".css")) continue;
        const text =
          typeof sheet.source === "string" ? sheet.source : new TextDecoder().decode(sheet.source);
        sheet.source = text.replace(INLINE_FONT, (_all, _quote, type: string, base64: string) => {
          const reference = this.emitFile({
            type: "asset",
            name: `font.${type}`,
            source: Buffer.from(base64, "base64"),
          });
          return `url(${path.posix.relative(path.dirname(sheet.fileName), this.getFileName(reference))})`;
        });
      }
    },
  };
}
