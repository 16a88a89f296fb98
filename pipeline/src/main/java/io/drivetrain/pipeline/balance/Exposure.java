package io.drivetrain.pipeline.balance;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How many labels a source has given that can be corrected: since the start, and of late, where a label counts half as
 * much after each half-life.
 *
 * @param samples since the start
 * @param recent for half-lives of 1, 2, 4, … windows by count
 */
record Exposure(long samples, List<Double> recent) {
    private static final int HALF_LIVES = 8;

    static final Exposure NONE = new Exposure(0, Collections.nCopies(HALF_LIVES, 0.0));

    Exposure {
        recent = List.copyOf(recent);
    }

    Exposure plus(long more) {
        return plus(new Exposure(more, Collections.nCopies(HALF_LIVES, (double) more)));
    }

    Exposure plus(Exposure other) {
        return new Exposure(
                samples + other.samples,
                IntStream.range(0, HALF_LIVES)
                        .mapToObj(i -> recent.get(i) + other.recent.get(i))
                        .toList());
    }

    /** One window later. */
    Exposure aged() {
        return new Exposure(
                samples,
                IntStream.range(0, HALF_LIVES)
                        .mapToObj(i -> recent.get(i) * Math.pow(0.5, 1.0 / (1 << i)))
                        .toList());
    }

    /**
     * The largest share of the corrected labels that a source can owe to when its labels were given: nobody says whether
     * people look through new labels or through all, and if the chance to be looked at falls with age as any mixture of
     * the half-lives and of none, the share is not above this one.
     *
     * @param all of every source together, this one among them
     * @return 0..1
     */
    double shareOf(Exposure all) {
        double share = all.samples == 0 ? 0 : (double) samples / all.samples;
        for (int i = 0; i < HALF_LIVES; i++) {
            if (all.recent.get(i) > 0) {
                share = Math.max(share, recent.get(i) / all.recent.get(i));
            }
        }
        return Math.min(1, share);
    }

    void write(DataOutput out) throws IOException {
        out.writeLong(samples);
        for (double each : recent) {
            out.writeDouble(each);
        }
    }

    static Exposure read(DataInput in) throws IOException {
        long samples = in.readLong();
        List<Double> recent = new ArrayList<>();
        for (int i = 0; i < HALF_LIVES; i++) {
            recent.add(in.readDouble());
        }
        return new Exposure(samples, recent);
    }
}
