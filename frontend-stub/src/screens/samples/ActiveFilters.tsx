import { useQuery } from "@tanstack/react-query";
import { refetchSamples } from "../../api/samples";
import { chipsOf } from "../../logic/chips";
import type { Filters } from "../../logic/filters";
import { Icon } from "../../parts/Icon";
import { useFunction } from "../../workspace/context";
import styles from "./ActiveFilters.module.css";

interface Props {
  filters: Filters;
  change: (filters: Filters) => void;
}

/** The search and the filters that are set, as buttons that remove them. */
export function ActiveFilters({ filters, change }: Props) {
  const { fn } = useFunction();
  const chips = chipsOf(filters, fn.names);
  if (chips.length === 0) return null;
  return (
    <ul className={styles["chips"]} aria-label="Filters that are set">
      {chips.map(({ key, text, without }) => (
        <li key={key}>
          <button
            type="button"
            className={`button compact ${styles["chip"]}`}
            onClick={() => change(without)}
          >
            {key === "like" && filters.likeId !== null && (
              <Thumbnail key={filters.likeId} id={filters.likeId} />
            )}
            <span className="visually-hidden">Remove: </span>
            <bdi className={styles["text"]}>{text}</bdi>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}

/** The photo to compare with; nothing if it has been deleted. */
function Thumbnail({ id }: { id: string }) {
  const { store } = useFunction().workspace;
  const { data: sample } = useQuery({
    queryKey: ["compared-with", id],
    queryFn: async () => (await refetchSamples([id]))[0] ?? null,
    initialData: store.sample(id),
  });
  if (sample == null) return null;
  return <img src={sample.image.thumbnail} alt="" className={styles["thumbnail"]} />;
}
