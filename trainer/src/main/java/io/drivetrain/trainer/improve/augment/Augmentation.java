package io.drivetrain.trainer.improve.augment;

import java.util.SplittableRandom;

/**
 * One way of changing a training image so that it looks different and means the same. Strengths go from 0 (no change) to
 * 1. They are applied in the order in which they stand here: where things are, then light, then the camera.
 */
public enum Augmentation {
    /**
     * Left and right swapped, for a share of the images as large as the strength. Not for classes whose meaning it
     * changes, such as signs that say left or right.
     */
    FLIP("flip", 0.5) {
        @Override
        Image apply(Image image, double strength, SplittableRandom random) {
            return random.nextDouble() < strength ? Geometry.mirrored(image) : image;
        }
    },
    /** A part at a random place, enlarged; the strength is the largest share of the sides that is cut away. */
    CROP("crop", 0.2) {
        @Override
        Image apply(Image image, double strength, SplittableRandom random) {
            double side = 1 - LARGEST_CUT * strength * random.nextDouble();
            double top = random.nextDouble() * (1 - side) * image.height();
            double left = random.nextDouble() * (1 - side) * image.width();
            return Geometry.cropped(image, top, left, side);
        }
    },
    /** Every second image as if at night; the strength is the deepest darkness. */
    NIGHT("night", 0.8) {
        @Override
        Image apply(Image image, double strength, SplittableRandom random) {
            return random.nextBoolean() ? Night.of(image, strength * upperHalf(random), random) : image;
        }
    },
    /** Every second image on a wet road or with glare in the windscreen; the strength is the largest opacity. */
    REFLECTIONS("reflections", 0.5) {
        @Override
        Image apply(Image image, double strength, SplittableRandom random) {
            if (random.nextBoolean()) {
                return image;
            }
            double opacity = strength * upperHalf(random);
            return random.nextBoolean()
                    ? Reflections.wetRoad(image, 0.5 + 0.2 * random.nextDouble(), opacity)
                    : Reflections.glare(
                            image, random.nextDouble(), random.nextDouble(), Math.PI * random.nextDouble(), opacity);
        }
    },
    /** All values times a factor of 1 ± the strength. */
    BRIGHTNESS("brightness", 0.2) {
        @Override
        Image apply(Image image, double strength, SplittableRandom random) {
            return Tones.brightened(image, 1 + strength * bothWays(random));
        }
    },
    /** Distances from the mean times a factor of 1 ± the strength. */
    CONTRAST("contrast", 0.2) {
        @Override
        Image apply(Image image, double strength, SplittableRandom random) {
            return Tones.contrasted(image, 1 + strength * bothWays(random));
        }
    },
    /** Gaussian blur of at most 1/32 of the height at strength 1. */
    BLUR("blur", 0.5) {
        @Override
        Image apply(Image image, double strength, SplittableRandom random) {
            return Blur.gaussian(image, strength * random.nextDouble() * image.height() / 32);
        }
    },
    /** Gaussian noise with a deviation of at most 64 of 255 levels at strength 1. */
    NOISE("noise", 0.2) {
        @Override
        Image apply(Image image, double strength, SplittableRandom random) {
            return Tones.noisy(image, strength * random.nextDouble() * 64, random);
        }
    },
    /** A square of the mean colour somewhere; the strength is the largest share of the shorter side. */
    CUT_OUT("cut-out", 0.3) {
        @Override
        Image apply(Image image, double strength, SplittableRandom random) {
            int shorter = Math.min(image.height(), image.width());
            int side = (int) Math.round(strength * upperHalf(random) * shorter);
            return Geometry.withoutSquare(image, random.nextInt(image.height()), random.nextInt(image.width()), side);
        }
    };

    /** At strength 1, so that something is left to see. */
    private static final double LARGEST_CUT = 0.9;

    private final String word;
    private final double usualStrength;

    Augmentation(String word, double usualStrength) {
        this.word = word;
        this.usualStrength = usualStrength;
    }

    /** As the configuration writes it. */
    public String word() {
        return word;
    }

    /** Strength where none is given, 0 to 1. */
    public double usualStrength() {
        return usualStrength;
    }

    /** A changed image, or the same one. */
    abstract Image apply(Image image, double strength, SplittableRandom random);

    private static double bothWays(SplittableRandom random) {
        return 2 * random.nextDouble() - 1;
    }

    private static double upperHalf(SplittableRandom random) {
        return 0.5 + 0.5 * random.nextDouble();
    }
}
