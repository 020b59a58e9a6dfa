import { DeleteFunction } from "./DeleteFunction";
import { EncoderCard } from "./EncoderCard";
import { GeneralSettings } from "./GeneralSettings";
import { LabelSettings } from "./LabelSettings";
import styles from "./SettingsScreen.module.css";

/** A function's name, labels and rules. */
export function SettingsScreen() {
  return (
    <div className={`stack ${styles["narrow"]}`}>
      <h1>Settings</h1>
      <GeneralSettings />
      <LabelSettings />
      <EncoderCard />
      <DeleteFunction />
    </div>
  );
}
