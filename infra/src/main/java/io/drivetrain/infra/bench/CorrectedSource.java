package io.drivetrain.infra.bench;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.ingest.collect.SampleSource;
import io.drivetrain.schemas.LabeledSample;
import io.drivetrain.schemas.synthesize.DrawnDrives;
import io.drivetrain.schemas.synthesize.Fault;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalLong;

/** A source in which each sample with a wrong label is followed by its correction, as an annotator would send it. */
final class CorrectedSource implements SampleSource {
    private final SampleSource source;
    private final Map<String, Fault> faults;

    /**
     * Corrects a source.
     *
     * @param faults that were planted, by sample id
     */
    CorrectedSource(SampleSource source, Map<String, Fault> faults) {
        this.source = source;
        this.faults = faults;
    }

    /** How many corrections there are in it. */
    long corrections() {
        return faults.values().stream()
                .filter(fault -> fault == Fault.WRONG_LABEL)
                .count();
    }

    @Override
    public OptionalLong expectedCount() {
        OptionalLong samples = source.expectedCount();
        return samples.isPresent() ? OptionalLong.of(samples.getAsLong() + corrections()) : samples;
    }

    @Override
    public Iterator<Collected> iterator() {
        Iterator<Collected> entries = source.iterator();
        return new Iterator<>() {
            private Collected correction;

            @Override
            public boolean hasNext() {
                return correction != null || entries.hasNext();
            }

            @Override
            public Collected next() {
                if (correction != null) {
                    Collected next = correction;
                    correction = null;
                    return next;
                }
                Collected next = entries.next();
                if (next instanceof Collected.Sample sample
                        && faults.get(sample.sample().getSampleId()) == Fault.WRONG_LABEL) {
                    correction = new Collected.Sample(corrected(sample.sample()));
                }
                return next;
            }
        };
    }

    private static LabeledSample corrected(LabeledSample wrong) {
        int other = 1 - DrawnDrives.CLASSES.indexOf(wrong.getLabel());
        return LabeledSample.newBuilder(wrong)
                .setLabel(DrawnDrives.CLASSES.get(other))
                .setLabelSource("review")
                .setLabelRevision(wrong.getLabelRevision() + 1)
                .build();
    }

    @Override
    public void close() {
        source.close();
    }
}
