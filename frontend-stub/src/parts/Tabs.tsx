import { useEffect, useRef } from "react";
import styles from "./Tabs.module.css";

interface Tab {
  id: string;
  name: string;
  href: string;
}

interface Props {
  /** The name of this navigation, for screen readers. */
  label: string;
  tabs: Tab[];
  activeId: string;
}

/** Links to screens side by side; on a narrow page they scroll, with the active one in view. */
export function Tabs({ label, tabs, activeId }: Props) {
  const list = useRef<HTMLElement>(null);
  useEffect(() => {
    const active = list.current?.querySelector<HTMLElement>("[aria-current]");
    if (!list.current || !active) return;
    list.current.scrollLeft =
      active.offsetLeft - (list.current.clientWidth - active.clientWidth) / 2;
  }, [activeId]);
  return (
    <nav ref={list} className={styles["tabs"]} aria-label={label}>
      {tabs.map(({ id, name, href }) => (
        <a key={id} href={href} aria-current={id === activeId ? "page" : undefined}>
          {name}
        </a>
      ))}
    </nav>
  );
}
