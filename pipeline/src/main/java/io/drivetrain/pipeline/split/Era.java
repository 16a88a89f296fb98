package io.drivetrain.pipeline.split;

import io.drivetrain.schemas.SplitPlan;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Successive plans with one scheme, so that a drive has the same position under all of them.
 *
 * @param from the first start of a drive that these plans deal; {@link Instant#MIN} for the first era
 * @param until the first start that they do not deal; {@link Instant#MAX} for the last era
 * @param firstPlan the number of the era's first plan among all plans, from 0
 * @param before the scheme of the era before; empty if there is none
 */
record Era(
        Instant from,
        Instant until,
        int firstPlan,
        Optional<SplitPlan.Scheme> before,
        SplitPlan.Scheme scheme,
        List<SplitPlan> plans) {
    Era {
        plans = List.copyOf(plans);
    }

    static List<Era> of(List<SplitPlan> plans) {
        List<Era> eras = new ArrayList<>();
        int first = 0;
        for (int i = 1; i <= plans.size(); i++) {
            if (i == plans.size()
                    || !plans.get(i).scheme().equals(plans.get(first).scheme())) {
                Era before = eras.isEmpty() ? null : eras.get(eras.size() - 1);
                eras.add(new Era(
                        before == null ? Instant.MIN : before.until,
                        plans.get(i - 1).until().orElse(Instant.MAX),
                        first,
                        Optional.ofNullable(before).map(Era::scheme),
                        plans.get(first).scheme(),
                        plans.subList(first, i)));
                first = i;
            }
        }
        return List.copyOf(eras);
    }

    boolean deals(Instant start) {
        return start.isBefore(until);
    }

    /**
     * What holds at a time.
     *
     * @param plan its number among all plans
     * @param trainDev of the plan itself
     * @param raisedTrainDev the largest share of train-dev from that plan on: a drive may go from train to train-dev when
     *     the share is raised, and never back when it is lowered
     * @param adoptFrom {@link Instant#MAX} if no drive is adopted
     */
    record Thresholds(int plan, double trainDev, double raisedTrainDev, double test, double adopt, Instant adoptFrom) {
        boolean adoptsAt(Instant time) {
            return adopt > 0 && !time.isBefore(adoptFrom);
        }

        /** Adopted drives have the positions from here on. */
        double adoptAbove() {
            return Math.max(test, 1 - adopt);
        }
    }

    /** Returns what holds at a time; times before the era count as its beginning. */
    Thresholds at(Instant time) {
        int number = 0;
        while (number < plans.size() - 1
                && !time.isBefore(plans.get(number).until().orElseThrow())) {
            number++;
        }
        SplitPlan plan = plans.get(number);
        double raised = plans.subList(number, plans.size()).stream()
                .mapToDouble(SplitPlan::trainDevFraction)
                .max()
                .orElseThrow();
        return new Thresholds(
                firstPlan + number,
                plan.trainDevFraction(),
                raised,
                plan.testFraction(),
                plan.adoptFraction(),
                plan.adoptFrom().orElse(Instant.MAX));
    }
}
