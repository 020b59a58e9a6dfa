import { useQuery } from "@tanstack/react-query";
import { fetchSampleDetails } from "../../api/samples";
import styles from "./SampleDetails.module.css";

const times = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });

/** The metadata of a photo, and by which key it was annotated; nothing if neither is known. */
export function SampleDetails({ id }: { id: string }) {
  const { data } = useQuery({
    queryKey: ["sample-details", id],
    queryFn: () => fetchSampleDetails(id),
  });
  if (data === undefined) return null;
  const { metadata, annotatedAt, annotatedBy } = data;
  return (
    <>
      {annotatedBy !== null && annotatedAt !== null && (
        <p className="muted small">
          Annotated with the key <bdi>{annotatedBy}</bdi>, {times.format(new Date(annotatedAt))}
        </p>
      )}
      {metadata.length > 0 && (
        <dl className={`small ${styles["metadata"]}`} aria-label="Metadata">
          {metadata.map(([key, value]) => (
            <div key={key}>
              <dt className="muted">
                <bdi>{key}</bdi>
              </dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
