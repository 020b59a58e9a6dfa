import { notices } from "./notices";

/** Copy a text to the clipboard; returns whether that worked. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notices.show("Copied.");
  } catch {
    // Browsers offer the clipboard only to pages over https or of this machine.
    notices.fail("The browser does not let this page copy. Select the code and copy it.");
  }
}
