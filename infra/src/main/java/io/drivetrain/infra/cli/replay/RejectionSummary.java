package io.drivetrain.infra.cli.replay;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.TreeMap;

/** What is to be said of many rejected samples, with memory for the newest of them only. */
public final class RejectionSummary {
    /** Partitions are read side by side, so that the order of reading says nothing. */
    private static final Comparator<Rejection> OLDEST_FIRST = Comparator.comparing(
                    (Rejection rejection) -> rejection.sample().getRejectedAt())
            .thenComparing(Rejection::place);

    private final int keep;
    private final Map<String, Code> codes = new TreeMap<>();
    private final Queue<Rejection> newest = new PriorityQueue<>(OLDEST_FIRST);
    private long samples;

    /**
     * One kind of violation.
     *
     * @param samples that have it; a sample with two kinds counts in both
     * @param example the message of the newest, which says what to do
     */
    public record Code(String code, long samples, Instant first, Instant last, String example) {}

    /** @param keep how many of the newest samples are kept */
    public RejectionSummary(int keep) {
        this.keep = keep;
    }

    public void add(Rejection rejection) {
        samples++;
        Instant at = rejection.sample().getRejectedAt();
        for (String code : rejection.codes()) {
            String message = rejection.sample().getViolations().stream()
                    .filter(violation -> violation.getCode().equals(code))
                    .findFirst()
                    .orElseThrow()
                    .getMessage();
            codes.merge(code, new Code(code, 1, at, at, message), RejectionSummary::join);
        }
        if (keep > 0) {
            newest.add(rejection.withoutRecord());
            if (newest.size() > keep) {
                newest.remove();
            }
        }
    }

    private static Code join(Code before, Code now) {
        boolean later = !now.last.isBefore(before.last);
        return new Code(
                before.code,
                before.samples + now.samples,
                before.first.isBefore(now.first) ? before.first : now.first,
                later ? now.last : before.last,
                later ? now.example : before.example);
    }

    public long samples() {
        return samples;
    }

    /** The most frequent first. */
    public List<Code> codes() {
        return codes.values().stream()
                .sorted(Comparator.comparingLong(Code::samples).reversed().thenComparing(Code::code))
                .toList();
    }

    /** The newest samples of all partitions, the newest first, without their records. */
    public List<Rejection> newest() {
        return newest.stream().sorted(OLDEST_FIRST.reversed()).toList();
    }
}
