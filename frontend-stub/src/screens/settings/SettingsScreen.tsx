import { DeleteFunction } from "./DeleteFunction";
import { GeneralSettings } from "./GeneralSettings";
import { LabelSettings } from "./LabelSettings";

/** A function's name, labels and rules. */
export function SettingsScreen() {
  return (
    <div className="stack form-narrow">
      <h1>Settings</h1>
      <GeneralSettings />
      <LabelSettings />
      <DeleteFunction />
    </div>
  );
}
