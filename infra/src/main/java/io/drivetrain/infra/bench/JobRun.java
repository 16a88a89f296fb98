package io.drivetrain.infra.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What a run of the curation job had committed when.
 *
 * @param marks one for each checkpoint, the first at the start, the last when all was committed; at least two
 * @param warmUp images that only warm the job up
 * @param cpu milliseconds by part over the measured stretch
 * @param measured images of that stretch
 */
record JobRun(List<Mark> marks, long warmUp, Map<String, Double> cpu, long measured) {
    /** Behind it one subtask after the other runs out of images, and the job waits for its last checkpoint. */
    private static final double BUSY_SHARE = 0.95;

    private static final int TENTHS = 10;

    /** A JVM gives no memory back and garbage comes in waves, so a tenth more is no growth. */
    private static final double MEMORY_TOLERANCE = 1.1;

    private static final double LEAST_RATIO = 0.9;

    /**
     * What has been committed at a moment.
     *
     * @param images that readers of committed records see
     * @param nanos of the clock
     * @param megabytes that the job's process holds, 0 if unknown
     */
    record Mark(long images, long nanos, double megabytes) {}

    /**
     * A part of the run.
     *
     * @param from images committed before it
     * @param to images committed at its end
     * @param megabytes that the job's process held, the mean over its checkpoints
     */
    record Stretch(long from, long to, double imagesPerSecond, double megabytes) {}

    /** Images a second from the start, to the last commit. */
    double whole() {
        return rate(marks.get(0), marks.get(marks.size() - 1));
    }

    /**
     * Images a second from the first commit behind the warm-up to the last one at which the job is still busy; of the
     * whole run if there are no two such commits.
     */
    double warm() {
        return hasWarmStretch() ? rate(at(warmUp), lastBusy()) : whole();
    }

    /** Whether there were two commits between the warm-up and the end. */
    boolean hasWarmStretch() {
        return lastBusy().images > at(warmUp).images;
    }

    /** Images of the whole run. */
    long images() {
        return marks.get(marks.size() - 1).images;
    }

    /** The tenth behind the warm-up, which is a tenth, too. */
    Stretch firstTenth() {
        return stretch(images() / TENTHS, 2 * images() / TENTHS);
    }

    /** The tenth that ends with the last commit at which the job is still busy. */
    Stretch lastTenth() {
        long end = lastBusy().images;
        return stretch(end - images() / TENTHS, end);
    }

    /** Whether the two tenths have anything to compare: both within the run, and none of the images in both. */
    boolean longEnough() {
        return lastTenth().from >= firstTenth().to;
    }

    /** Every tenth up to the last commit at which the job is still busy; the first has the start in it. */
    List<Stretch> tenths() {
        List<Stretch> tenths = new ArrayList<>();
        for (int i = 0; i < TENTHS; i++) {
            long from = i * images() / TENTHS;
            long to = Math.min((i + 1) * images() / TENTHS, lastBusy().images);
            if (to > from) {
                tenths.add(stretch(from, to));
            }
        }
        return tenths;
    }

    /** How fast the last tenth is, relative to the first. */
    double ratioLastToFirst() {
        return lastTenth().imagesPerSecond / firstTenth().imagesPerSecond;
    }

    /** Whether the job holds more memory in the last tenth than in the first. */
    boolean memoryGrows() {
        return lastTenth().megabytes > MEMORY_TOLERANCE * firstTenth().megabytes;
    }

    /** Whether an image costs, after many have come, what it cost before. */
    boolean flat() {
        return ratioLastToFirst() >= LEAST_RATIO && !memoryGrows();
    }

    private Stretch stretch(long from, long to) {
        double seconds = secondsAt(to) - secondsAt(from);
        double megabytes = marks.stream()
                .filter(mark -> mark.images >= from && mark.images <= to)
                .mapToDouble(Mark::megabytes)
                .average()
                .orElseGet(() -> at(from).megabytes);
        return new Stretch(from, to, (to - from) / seconds, megabytes);
    }

    private Mark lastBusy() {
        double near = BUSY_SHARE * images();
        Mark last = marks.get(0);
        for (Mark mark : marks) {
            last = mark.images <= near ? mark : last;
        }
        return last;
    }

    // Between two checkpoints the rate is taken to be even.
    private double secondsAt(long images) {
        Mark before = marks.get(0);
        for (Mark mark : marks) {
            if (mark.images >= images) {
                double share = mark.images == before.images
                        ? 1
                        : (double) (images - before.images) / (mark.images - before.images);
                return (before.nanos + share * (mark.nanos - before.nanos)) / 1e9;
            }
            before = mark;
        }
        return before.nanos / 1e9;
    }

    private Mark at(long images) {
        return marks.stream().filter(mark -> mark.images >= images).findFirst().orElse(marks.get(marks.size() - 1));
    }

    private static double rate(Mark from, Mark to) {
        return (to.images - from.images) / ((to.nanos - from.nanos) / 1e9);
    }
}
