import { notices } from "./notices";

/** Put a text on the clipboard, and say whether it is there. */
export async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    notices.show("Copied.");
  } catch {
    // Browsers offer the clipboard to pages of https and of this machine only.
    notices.fail("The browser does not let this page copy. Select the code and copy it.");
  }
}
