package io.drivetrain.trainer.build;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;

/** What a network reads of a sample; every one is an input of its graph, under {@link #inputName()}. */
public enum NetworkInput {
    /** The sample's own image, {@code channels × height × width}. */
    PIXELS("pixels") {
        @Override
        public long[] shape(NetworkSpec spec, int samples) {
            return new long[] {samples, spec.channels(), spec.height(), spec.width()};
        }

        @Override
        InputType type(NetworkSpec spec) {
            return InputType.convolutional(spec.height(), spec.width(), spec.channels(), CNN2DFormat.NCHW);
        }
    },
    /** The images of the last frames of the drive up to the sample's own, in the order of time, one after another. */
    FRAMES("frames") {
        @Override
        public long[] shape(NetworkSpec spec, int samples) {
            return new long[] {samples, (long) spec.sequenceLength() * spec.pixels()};
        }

        @Override
        InputType type(NetworkSpec spec) {
            return InputType.feedForward((long) spec.sequenceLength() * spec.pixels());
        }
    },
    /** The sample's own telemetry. */
    TELEMETRY("telemetry") {
        @Override
        public long[] shape(NetworkSpec spec, int samples) {
            return new long[] {samples, spec.telemetry().size()};
        }

        @Override
        InputType type(NetworkSpec spec) {
            return InputType.feedForward(spec.telemetry().size());
        }
    },
    /** The telemetry of the last frames of the drive up to the sample's own, {@code telemetry × time}. */
    TELEMETRY_SEQUENCE("telemetry-sequence") {
        @Override
        public long[] shape(NetworkSpec spec, int samples) {
            return new long[] {samples, spec.telemetry().size(), spec.sequenceLength()};
        }

        @Override
        InputType type(NetworkSpec spec) {
            return InputType.recurrent(spec.telemetry().size(), spec.sequenceLength());
        }
    };

    private final String inputName;

    NetworkInput(String inputName) {
        this.inputName = inputName;
    }

    /** Of the graph's input. */
    public String inputName() {
        return inputName;
    }

    /** Shape of the array of a batch, the samples first. */
    public abstract long[] shape(NetworkSpec spec, int samples);

    abstract InputType type(NetworkSpec spec);
}
