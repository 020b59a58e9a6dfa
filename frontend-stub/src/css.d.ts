import "react";

declare module "react" {
  interface CSSProperties {
    /** How strongly a cell of the confusion matrix is coloured. */
    "--share"?: string;
    /** The hue of a label's colour, in degrees. */
    "--hue"?: number;
  }
}
