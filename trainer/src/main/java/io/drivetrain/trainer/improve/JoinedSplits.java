package io.drivetrain.trainer.improve;

import io.drivetrain.trainer.assemble.SampleStore;
import io.drivetrain.trainer.assemble.SplitView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Samples of several splits of the same classes and shape, numbered through: those of the first, then the next. */
public final class JoinedSplits {
    private final List<SplitView> views;
    private final int[] starts;
    private final int[] driveStarts;

    private JoinedSplits(List<SplitView> views) {
        this.views = views;
        this.starts = new int[views.size() + 1];
        this.driveStarts = new int[views.size() + 1];
        for (int i = 0; i < views.size(); i++) {
            starts[i + 1] = starts[i] + views.get(i).size();
            driveStarts[i + 1] = driveStarts[i] + views.get(i).drives().size();
        }
    }

    /** At least one view. */
    public static JoinedSplits of(SplitView... views) {
        return new JoinedSplits(List.of(views));
    }

    public int size() {
        return starts[views.size()];
    }

    /** The split's view that a sample is in. */
    public SplitView view(int sample) {
        return views.get(viewOf(sample));
    }

    /** Index of a sample in its view. */
    public int indexInView(int sample) {
        return sample - starts[viewOf(sample)];
    }

    private int viewOf(int sample) {
        int view = 0;
        while (sample >= starts[view + 1]) {
            view++;
        }
        return view;
    }

    /** Labels and drives of all samples; a drive never straddles two splits, so that its id is in one view alone. */
    public DriveSamples samples(int classes) {
        List<String> drives = new ArrayList<>();
        int[] labels = new int[size()];
        int[] driveOf = new int[size()];
        for (int v = 0; v < views.size(); v++) {
            SplitView view = views.get(v);
            drives.addAll(view.drives());
            System.arraycopy(view.labels(), 0, labels, starts[v], view.size());
            int[] own = view.driveOf();
            for (int i = 0; i < own.length; i++) {
                driveOf[starts[v] + i] = driveStarts[v] + own[i];
            }
        }
        return new DriveSamples(drives, labels, driveOf, classes);
    }

    /** Some of the samples as a store of their own, drives numbered from 0. */
    public SampleStore subset(int[] samples) {
        return new Subset(samples.clone());
    }

    private final class Subset implements SampleStore {
        private final int[] samples;
        private final int[] driveOf;

        Subset(int[] samples) {
            this.samples = samples;
            int[] drives = Arrays.stream(samples).map(this::joinedDrive).toArray();
            int[] distinct = Arrays.stream(drives).distinct().sorted().toArray();
            this.driveOf = Arrays.stream(drives)
                    .map(drive -> Arrays.binarySearch(distinct, drive))
                    .toArray();
        }

        private int joinedDrive(int sample) {
            return driveStarts[viewOf(sample)] + view(sample).drive(indexInView(sample));
        }

        @Override
        public int size() {
            return samples.length;
        }

        @Override
        public int channels() {
            return views.get(0).channels();
        }

        @Override
        public int height() {
            return views.get(0).height();
        }

        @Override
        public int width() {
            return views.get(0).width();
        }

        @Override
        public void readPixels(int index, byte[] into, int offset) {
            view(samples[index]).readPixels(indexInView(samples[index]), into, offset);
        }

        @Override
        public int label(int index) {
            return view(samples[index]).label(indexInView(samples[index]));
        }

        @Override
        public int drive(int index) {
            return driveOf[index];
        }

        @Override
        public int telemetryCount() {
            return views.get(0).telemetryCount();
        }

        @Override
        public void readTelemetry(int index, float[] into, int offset) {
            view(samples[index]).readTelemetry(indexInView(samples[index]), into, offset);
        }
    }
}
