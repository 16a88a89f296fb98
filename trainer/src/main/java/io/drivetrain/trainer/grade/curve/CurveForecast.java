package io.drivetrain.trainer.grade.curve;

import io.drivetrain.trainer.grade.Interval;
import io.drivetrain.trainer.grade.Quantiles;
import io.drivetrain.trainer.grade.SplitErrors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.hipparchus.distribution.continuous.NormalDistribution;
import org.hipparchus.distribution.continuous.TDistribution;
import org.hipparchus.linear.Array2DRowRealMatrix;
import org.hipparchus.linear.LUDecomposition;
import org.hipparchus.linear.RealMatrix;

/**
 * The error with twice the data, from all laws that the points allow and not from the best one alone: few points fit a
 * steep law with a high floor as well as a flat one with none, and these part beyond the last point.
 *
 * <p>Most are power laws, which flatten towards a floor. A fifth of what is thought beforehand is left to laws that steepen,
 * {@code start − fall · samples^exponent}, as errors do while a network begins to learn, and as much to errors that have
 * stopped falling; between power laws and laws that steepen lies the logarithm.
 * The laws are weighed by their likelihood (a posterior over floor or start, excess or fall at the largest set, exponent, and
 * how much trainings differ by chance). The errors of the points depend on each other, because they are measured on the same
 * drives of train-dev: their covariance is that over drives, the limit of a cluster bootstrap. Errors may also stray from
 * a law over a range of sizes and come back to it, as in double descent: by a Gaussian process around the law, which the
 * residuals of the points tell of the last one and of twice the data. Beforehand, every floor
 * up to the least error, every excess, and every magnitude of the exponent from 0.05 to 2 are as probable; trainings
 * of one size differ by chance by at most a third of their error, and rather less than more.
 *
 * <p>How often the interval holds, for laws that it has and for others, is in {@code CurveForecastTest} and ADR 17.
 *
 * @param error with twice the data, 0..1: the median over the laws
 * @param interval that holds the error of a training with twice the data in 95 of 100 cases, on drives like those of
 *     train-dev
 * @param gain by how much twice the data lower the error, 0..1: the median over the laws
 * @param gainInterval the same for the gain
 */
public record CurveForecast(double error, Interval interval, double gain, Interval gainInterval) {
    private static final int DRAWS = 4000;
    private static final double TAIL = 0.025;

    /** Part of a training's errors that another one of as many samples does not make, in variance of independent frames. */
    private static final double OWN_ERRORS = 0.3;

    private static final double NORMAL_QUANTILE = 1.959964;

    private static final double LEAST_EXPONENT = 0.05;
    private static final double MOST_EXPONENT = 2;
    private static final int EXPONENTS = 30;
    private static final int FLOORS = 25;

    /** By how much trainings of one size differ, as a share of their error, and how probable that is beforehand. */
    private static final double[] CHANCE = {0, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32};

    private static final double[] CHANCE_WEIGHTS = {0.2, 0.2, 0.2, 0.19, 0.13, 0.05, 0.03};

    /**
     * By how much errors stray from the law over a range of sizes, as double descent does, as a share of the error, and how
     * probable that is beforehand.
     */
    private static final double[] STRAYING = {0, 0.1, 0.25};

    private static final double[] STRAYING_WEIGHTS = {0.82, 0.12, 0.06};

    /** In doublings of the size: over fewer, errors stray by much the same. */
    private static final double STRAYING_RANGE = 1;

    /** Prior of the laws that steepen. */
    private static final double STEEPENING = 0.2;

    /** Prior of the errors that do not fall any more. */
    private static final double FLAT = 0.2;

    private static final double[] STEEPENING_EXPONENTS = {0.05, 0.1, 0.2, 0.35, 0.6, 1};

    /** Where they start: beyond 1 for those that are all but logarithmic. */
    private static final double MOST_START = 3;

    private static final NormalDistribution NORMAL = new NormalDistribution();

    /**
     * Laws that differ alone in how far the largest set is from where they end or start, which is normal with this mean and
     * deviation, and not negative.
     *
     * @param from the floor, or the start
     * @param sign 1 above a floor, −1 below a start
     * @param growth of the distance with twice the data
     */
    private record Laws(Shape shape, double growth, Spread spread, double distance, double deviation) {
        double at(double distance) {
            return shape.from + shape.sign * distance;
        }
    }

    /** A law's shape, before its distance is fitted. */
    private record Shape(double from, int sign, double exponent, double prior) {
        /** By size, the distance as a multiple of that at the largest. */
        double[] relative(double[] samples) {
            double largest = Arrays.stream(samples).max().orElseThrow();
            return Arrays.stream(samples)
                    .map(n -> Math.pow(n / largest, -sign * exponent))
                    .toArray();
        }
    }

    /**
     * Forecasts.
     *
     * @param points at least 3, with train-dev errors of the same drives, at least 2
     * @param seed same seed and points, same forecast
     */
    public static CurveForecast of(List<CurvePoint> points, long seed) {
        double[] errors = points.stream().mapToDouble(p -> p.trainDev().rate()).toArray();
        double[] samples = points.stream().mapToDouble(CurvePoint::samples).toArray();
        double[][] covariance = covariance(points);
        List<Shape> shapes = shapes(errors, covariance);
        List<Laws> laws = new ArrayList<>();
        List<Double> logWeights = new ArrayList<>();
        for (int b = 0; b < STRAYING.length; b++) {
            for (int c = 0; c < CHANCE.length; c++) {
                Spread spread = Spread.of(covariance, samples, errors, CHANCE[c], STRAYING[b]);
                for (Shape shape : shapes) {
                    double[] x = shape.relative(samples);
                    double[] above = Arrays.stream(errors)
                            .map(error -> shape.sign * (error - shape.from))
                            .toArray();
                    double xx = spread.precision.product(x, x);
                    double distance = spread.precision.product(x, above) / xx;
                    double deviation = 1 / Math.sqrt(xx);
                    double squares = spread.precision.product(above, above) - distance * distance * xx;
                    laws.add(new Laws(shape, Math.pow(2, -shape.sign * shape.exponent), spread, distance, deviation));
                    logWeights.add(Math.log(STRAYING_WEIGHTS[b] * CHANCE_WEIGHTS[c] * shape.prior)
                            - 0.5 * spread.precision.logDeterminant
                            - 0.5 * squares
                            + Math.log(deviation)
                            + Math.log(Math.max(1e-300, NORMAL.cumulativeProbability(distance / deviation))));
                }
            }
        }
        return drawn(
                laws.toArray(Laws[]::new),
                logWeights.stream().mapToDouble(w -> w).toArray(),
                samples,
                errors,
                seed);
    }

    private static List<Shape> shapes(double[] errors, double[][] covariance) {
        List<Shape> shapes = new ArrayList<>();
        shapes.add(new Shape(0, 1, 0, FLAT));
        double mostFloor = mostFloor(errors, covariance);
        for (int f = 0; f < FLOORS; f++) {
            for (int e = 0; e < EXPONENTS; e++) {
                double exponent = LEAST_EXPONENT * Math.pow(MOST_EXPONENT / LEAST_EXPONENT, e / (EXPONENTS - 1.0));
                shapes.add(
                        new Shape(mostFloor * f / FLOORS, 1, exponent, (1 - STEEPENING - FLAT) / (FLOORS * EXPONENTS)));
            }
            double least = Math.max(1e-6, mostFloor);
            double start = least * Math.pow(MOST_START / least, (f + 1.0) / FLOORS);
            for (double exponent : STEEPENING_EXPONENTS) {
                shapes.add(new Shape(start, -1, exponent, STEEPENING / (FLOORS * STEEPENING_EXPONENTS.length)));
            }
        }
        return shapes;
    }

    private static double mostFloor(double[] errors, double[][] covariance) {
        double most = Double.POSITIVE_INFINITY;
        for (int i = 0; i < errors.length; i++) {
            most = Math.min(most, errors[i] + 2 * Math.sqrt(covariance[i][i]));
        }
        return most;
    }

    private static CurveForecast drawn(Laws[] laws, double[] logWeights, double[] samples, double[] errors, long seed) {
        double most = Arrays.stream(logWeights).max().orElseThrow();
        double[] cumulative = new double[logWeights.length];
        double total = 0;
        for (int i = 0; i < cumulative.length; i++) {
            total += Math.exp(logWeights[i] - most);
            cumulative[i] = total;
        }
        SplittableRandom random = new SplittableRandom(seed);
        double[] twice = new double[DRAWS];
        double[] gains = new double[DRAWS];
        for (int draw = 0; draw < DRAWS; draw++) {
            int found = Arrays.binarySearch(cumulative, random.nextDouble() * total);
            Laws law = laws[Math.min(laws.length - 1, found < 0 ? -found - 1 : found)];
            double below = NORMAL.cumulativeProbability(-law.distance / law.deviation);
            double uniform = below + (1 - below) * random.nextDouble(1e-12, 1 - 1e-12);
            double distance = Math.max(
                    0,
                    law.distance + law.deviation * NORMAL.inverseCumulativeProbability(Math.min(1 - 1e-12, uniform)));
            double chance = 1 + law.spread.chance * random.nextGaussian();
            double[] straying = law.spread.straying(law.shape, distance, samples, errors, random);
            twice[draw] = Math.min(1, Math.max(0, (law.at(distance * law.growth) + straying[1]) * chance));
            gains[draw] = law.at(distance) + straying[0] - twice[draw];
        }
        Arrays.sort(twice);
        Arrays.sort(gains);
        return new CurveForecast(
                Quantiles.ofValues(twice, 0.5), interval(twice), Quantiles.ofValues(gains, 0.5), interval(gains));
    }

    private static Interval interval(double[] sorted) {
        return new Interval(Quantiles.ofValues(sorted, TAIL), Quantiles.ofValues(sorted, 1 - TAIL));
    }

    /**
     * Covariance of the error rates over drives. Rates near zero have at least the variance of half an error more, and
     * few drives count with the wider tails of Student's t.
     */
    static double[][] covariance(List<CurvePoint> points) {
        int drives = points.get(0).trainDev().drives();
        double wider = new TDistribution(drives - 1.0).inverseCumulativeProbability(1 - TAIL) / NORMAL_QUANTILE;
        double[][] residuals = new double[points.size()][drives];
        double[][] covariance = new double[points.size()][points.size()];
        for (int i = 0; i < residuals.length; i++) {
            SplitErrors errors = points.get(i).trainDev();
            if (errors.drives() != drives) {
                throw new IllegalArgumentException(
                        "Train-dev has %d drives for one subset and %d for another".formatted(drives, errors.drives()));
            }
            for (int drive = 0; drive < drives; drive++) {
                residuals[i][drive] = (errors.errors()[drive] - errors.rate() * errors.samples()[drive])
                        / (double) errors.sampleCount();
            }
        }
        for (int i = 0; i < covariance.length; i++) {
            for (int j = 0; j < covariance.length; j++) {
                for (int drive = 0; drive < drives; drive++) {
                    covariance[i][j] += residuals[i][drive] * residuals[j][drive];
                }
                covariance[i][j] *= wider * wider * drives / (drives - 1.0);
            }
        }
        for (int i = 0; i < covariance.length; i++) {
            SplitErrors errors = points.get(i).trainDev();
            double smoothed = (errors.errorCount() + 0.5) / (errors.sampleCount() + 1.0);
            double least = smoothed * (1 - smoothed) / errors.sampleCount();
            // Two trainings make a part of their errors in different frames, however much they agree in these.
            covariance[i][i] = Math.max(least, covariance[i][i]) + OWN_ERRORS * least;
        }
        return covariance;
    }

    /**
     * How far errors may be from a law, by chance of each training and by straying from it over a range of sizes (Rasmussen and
     * Williams 2006, <i>Gaussian Processes for Machine Learning</i>, section 2.7).
     */
    private static final class Spread {
        private final Precision precision;
        private final double chance;

        /** By what is asked for (now, twice), then point: what a residual says of it. */
        private final double[][] told;

        /** Standard deviation of what the residuals leave open of the straying now. */
        private final double ofNow;

        /** The same with twice the data, the part that follows the one of now, and the rest. */
        private final double ofTwiceByNow;

        private final double ofTwice;

        private Spread(
                Precision precision,
                double chance,
                double[][] told,
                double ofNow,
                double ofTwiceByNow,
                double ofTwice) {
            this.precision = precision;
            this.chance = chance;
            this.told = told;
            this.ofNow = ofNow;
            this.ofTwiceByNow = ofTwiceByNow;
            this.ofTwice = ofTwice;
        }

        static Spread of(double[][] covariance, double[] samples, double[] errors, double chance, double straying) {
            int points = samples.length;
            double[][] all = new double[points][points];
            int last = 0;
            for (int i = 0; i < points; i++) {
                last = samples[i] > samples[last] ? i : last;
                for (int j = 0; j < points; j++) {
                    all[i][j] = covariance[i][j]
                            + straying * straying * errors[i] * errors[j] * alike(samples[i], samples[j]);
                }
            }
            Precision precision = Precision.of(all, errors, chance);
            double[] asked = {samples[last], 2 * samples[last]};
            double[][] with = new double[2][points];
            double[][] told = new double[2][points];
            for (int t = 0; t < 2; t++) {
                for (int i = 0; i < points; i++) {
                    with[t][i] = straying * straying * errors[i] * errors[last] * alike(samples[i], asked[t]);
                }
                for (int i = 0; i < points; i++) {
                    for (int j = 0; j < points; j++) {
                        told[t][i] += precision.inverse.getEntry(i, j) * with[t][j];
                    }
                }
            }
            double[][] left = new double[2][2];
            for (int t = 0; t < 2; t++) {
                for (int u = 0; u < 2; u++) {
                    left[t][u] = Math.pow(straying * errors[last], 2) * alike(asked[t], asked[u])
                            - precision.product(with[t], with[u]);
                }
            }
            double ofNow = Math.sqrt(Math.max(0, left[0][0]));
            double byNow = ofNow > 0 ? left[0][1] / ofNow : 0;
            return new Spread(
                    precision, chance, told, ofNow, byNow, Math.sqrt(Math.max(0, left[1][1] - byNow * byNow)));
        }

        private static double alike(double samples, double others) {
            double doublings = Math.log(samples / others) / Math.log(2) / STRAYING_RANGE;
            return Math.exp(-0.5 * doublings * doublings);
        }

        /** A draw of by how much the error strays now, and with twice the data. */
        double[] straying(Shape shape, double distance, double[] samples, double[] errors, SplittableRandom random) {
            double[] x = shape.relative(samples);
            double now = random.nextGaussian();
            double[] straying = {ofNow * now, ofTwiceByNow * now + ofTwice * random.nextGaussian()};
            for (int i = 0; i < errors.length; i++) {
                double residual = errors[i] - shape.from - shape.sign * distance * x[i];
                straying[0] += told[0][i] * residual;
                straying[1] += told[1][i] * residual;
            }
            return straying;
        }
    }

    /** Inverse of the covariance of the points, with the differences of trainings by chance. */
    private static final class Precision {
        private final RealMatrix inverse;
        private final double logDeterminant;

        private Precision(RealMatrix inverse, double logDeterminant) {
            this.inverse = inverse;
            this.logDeterminant = logDeterminant;
        }

        static Precision of(double[][] covariance, double[] errors, double chance) {
            int points = errors.length;
            // In units of standard deviations, because the decomposition takes small pivots for none.
            double[] deviations = new double[points];
            double logDeterminant = 0;
            for (int i = 0; i < points; i++) {
                deviations[i] = Math.sqrt(covariance[i][i] + Math.pow(chance * errors[i], 2));
                logDeterminant += 2 * Math.log(deviations[i]);
            }
            double[][] correlations = new double[points][points];
            for (int i = 0; i < points; i++) {
                for (int j = 0; j < points; j++) {
                    correlations[i][j] = i == j ? 1 : covariance[i][j] / deviations[i] / deviations[j];
                }
            }
            LUDecomposition decomposition = new LUDecomposition(new Array2DRowRealMatrix(correlations));
            RealMatrix inverse = decomposition.getSolver().getInverse();
            for (int i = 0; i < points; i++) {
                for (int j = 0; j < points; j++) {
                    inverse.setEntry(i, j, inverse.getEntry(i, j) / deviations[i] / deviations[j]);
                }
            }
            return new Precision(inverse, logDeterminant + Math.log(decomposition.getDeterminant()));
        }

        double product(double[] a, double[] b) {
            double sum = 0;
            for (int i = 0; i < a.length; i++) {
                for (int j = 0; j < b.length; j++) {
                    sum += a[i] * inverse.getEntry(i, j) * b[j];
                }
            }
            return sum;
        }
    }
}
