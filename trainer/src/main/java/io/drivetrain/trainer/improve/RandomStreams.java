package io.drivetrain.trainer.improve;

import java.util.SplittableRandom;

/** Independent random streams by coordinates, so that what is drawn for one thing does not depend on what was drawn before. */
public final class RandomStreams {
    private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

    private RandomStreams() {}

    /** The stream at some coordinates, for example an epoch and a sample. */
    public static SplittableRandom at(long seed, long... coordinates) {
        return new SplittableRandom(seedAt(seed, coordinates));
    }

    /** A seed that looks unrelated for any two coordinates. */
    public static long seedAt(long seed, long... coordinates) {
        long hash = mix(seed + GOLDEN_GAMMA);
        for (long coordinate : coordinates) {
            hash = mix(hash * 31 + coordinate + GOLDEN_GAMMA);
        }
        return hash;
    }

    /** Finaliser of SplitMix64 (Steele, Lea and Flood, 2014). */
    private static long mix(long value) {
        long mixed = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
