import { Watchable } from "../logic/watchable";

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const KEY = "pigeonhole-theme";

class ThemeSwitch extends Watchable<Theme> {
  constructor() {
    super(themes.find((theme) => theme === localStorage.getItem(KEY)) ?? "system");
    this.#apply();
  }

  next(): void {
    const theme = themes[(themes.indexOf(this.get()) + 1) % themes.length] ?? "system";
    localStorage.setItem(KEY, theme);
    this.become(theme);
    this.#apply();
  }

  #apply(): void {
    if (this.get() === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = this.get();
  }
}

/** Light, dark, or like the system; stored in this browser. */
export const themeSwitch = new ThemeSwitch();
