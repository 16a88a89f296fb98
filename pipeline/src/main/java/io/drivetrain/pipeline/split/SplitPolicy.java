package io.drivetrain.pipeline.split;

import io.drivetrain.pipeline.split.Assignment.Assigned;
import io.drivetrain.pipeline.split.Assignment.Embargoed;
import io.drivetrain.pipeline.split.Assignment.Facts;
import io.drivetrain.pipeline.split.Assignment.Rule;
import io.drivetrain.pipeline.split.Assignment.Share;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.SplitPlan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Deals whole drives to splits by a salted hash, so that the same drive lands in the same split on any machine and in
 * any order of arrival.
 *
 * <p>One position in 0..1 and thresholds on it: SOURCE drives below the share of train-dev go to train-dev, the others
 * to train; TARGET drives below the share of test go to test, those above 1 − share of adoption to train, the others to
 * test-dev. When a share changes, only the drives between the old and the new threshold are dealt differently. Drives
 * that began under an older plan keep it, except that a raised share of train-dev takes drives from train: so no drive
 * ever goes from an evaluation split into train, nor from test to test-dev or back.
 *
 * <p>With an embargo the position is that of the block of time and place in which the drive begins. Neighbours in one
 * block share a side by that; a drive near the border of its block is held out if the block beyond it is on the other
 * side. A raised share of train-dev takes no drives from train here: of a block whose first drives train already, the
 * later ones would be evaluated.
 *
 * <p>The decision needs the drive's domain, start and place to be the same for all its frames. The drive stage sees to
 * that: it asks once per drive and keeps the answer for ever.
 */
public final class SplitPolicy {
    private final List<Era> eras;
    private final List<Instant> rotations;

    private SplitPolicy(DrivetrainConfig.SplitSettings settings) {
        eras = Era.of(settings.plans());
        rotations = settings.rotateTestDevAt();
    }

    /** The deal that the configuration describes. */
    public static SplitPolicy of(DrivetrainConfig config) {
        return of(config.split());
    }

    /** The deal that these settings describe. */
    public static SplitPolicy of(DrivetrainConfig.SplitSettings settings) {
        return new SplitPolicy(settings);
    }

    /**
     * Deals a drive. A pure function: the drive stage calls it for the first clean claim of a drive, stores the split and
     * the generation (or that the drive is embargoed) for ever, and answers all later frames from its state.
     */
    public Assignment assign(DriveFacts drive) {
        Era era = eras.stream()
                .filter(candidate -> candidate.deals(drive.start()))
                .findFirst()
                .orElseThrow();
        boolean embargoes = era.scheme().embargo().compareTo(Duration.ZERO) > 0;
        Optional<Block.Surroundings> around = Block.around(drive, era.scheme());
        if (begunDuringAChange(drive, era)) {
            return embargoedByChange(drive, era, embargoes ? around : Optional.empty());
        }
        return embargoes && around.isPresent()
                ? dealBlock(drive, era, around.get())
                : dealOne(
                        drive,
                        new Table(era, drive.start()),
                        drive.driveId(),
                        Position.ofDrive(era.scheme().salt(), drive.driveId()));
    }

    /** Whether its neighbours may be dealt in the way before; a drive whose place counts in neither way has none. */
    private static boolean begunDuringAChange(DriveFacts drive, Era era) {
        if (era.before().isEmpty()) {
            return false;
        }
        SplitPlan.Scheme before = era.before().get();
        Duration embargo = before.embargo().compareTo(era.scheme().embargo()) > 0
                ? before.embargo()
                : era.scheme().embargo();
        return drive.start().isBefore(era.from().plus(embargo))
                && (Block.around(drive, era.scheme()).isPresent()
                        || Block.around(drive, before).isPresent());
    }

    private static Assignment embargoedByChange(DriveFacts drive, Era era, Optional<Block.Surroundings> around) {
        Table table = around.map(near -> new Table(era, near.block())).orElseGet(() -> new Table(era, drive.start()));
        String unit = around.map(near -> near.block().unit(era.scheme())).orElse(drive.driveId());
        double position = around.isPresent()
                ? Position.ofBlock(era.scheme().salt(), unit)
                : Position.ofDrive(era.scheme().salt(), unit);
        return new Embargoed(
                Rule.EMBARGO_CHANGE,
                "Drive %s begins at %s, within the embargo after the way of dealing changed at %s: its neighbours before may be on the other side"
                        .formatted(drive.driveId(), drive.start(), era.from()),
                table.facts(unit, position, drive.domain()));
    }

    private Assignment dealBlock(DriveFacts drive, Era era, Block.Surroundings around) {
        SplitPlan.Scheme scheme = era.scheme();
        Table table = new Table(era, around.block());
        String unit = around.block().unit(scheme);
        double position = Position.ofBlock(scheme.salt(), unit);
        boolean train = table.trains(drive.domain(), position);
        for (Block near : around.near()) {
            if (!near.start(scheme.block()).isBefore(era.until())) {
                // What begins there is dealt in another way, and held out for the length of the embargo.
                continue;
            }
            String nearUnit = near.unit(scheme);
            if (train != new Table(era, near).trains(drive.domain(), Position.ofBlock(scheme.salt(), nearUnit))) {
                return new Embargoed(
                        Rule.EMBARGO_BORDER,
                        "Drive %s begins at %s in the block '%s', on the side of %s, and within the embargo of the block '%s', on the other side"
                                .formatted(
                                        drive.driveId(), drive.start(), unit, train ? "train" : "evaluation", nearUnit),
                        table.facts(unit, position, drive.domain()));
            }
        }
        if (scheme.scope() == SplitPlan.Scope.ALL && drive.domain() == Domain.TARGET) {
            return dealTargetBesideSource(drive, table, unit, train);
        }
        return dealOne(drive, table, unit, position);
    }

    /** SOURCE drives decide the side of the block; a second hash deals the TARGET drives within it. */
    private Assignment dealTargetBesideSource(DriveFacts drive, Table table, String unit, boolean train) {
        double position = Position.ofTarget(table.era.scheme().salt(), unit);
        // Where SOURCE drives examine, no TARGET drive trains beside them.
        Facts facts = table.facts(unit, position, Domain.TARGET, train && table.adopts());
        if (!train) {
            Split split = position < table.thresholds.test() ? Split.TEST : Split.TEST_DEV;
            return assigned(drive, split, Rule.SHARE, facts);
        }
        if (table.adopts() && position >= table.thresholds.adoptAbove()) {
            return assigned(drive, Split.TRAIN, Rule.ADOPTED, facts);
        }
        return new Embargoed(
                Rule.EMBARGO_TRAIN_BLOCK,
                "Drive %s is TARGET and begins in the block '%s', where SOURCE drives train (split.embargo-scope: all)"
                        .formatted(drive.driveId(), unit),
                facts);
    }

    private Assignment dealOne(DriveFacts drive, Table table, String unit, double position) {
        Facts facts = table.facts(unit, position, drive.domain());
        Split split = table.split(drive.domain(), position);
        Rule rule = Rule.SHARE;
        if (split == Split.TRAIN_DEV && position >= table.thresholds.trainDev()) {
            rule = Rule.RAISED_SHARE;
        } else if (split == Split.TRAIN && drive.domain() == Domain.TARGET) {
            rule = Rule.ADOPTED;
        }
        return assigned(drive, split, rule, facts);
    }

    private Assigned assigned(DriveFacts drive, Split split, Rule rule, Facts facts) {
        Integer generation = split == Split.TEST_DEV ? Integer.valueOf(generation(drive.start())) : null;
        return new Assigned(split, generation, rule, Reasons.of(drive, split, generation, rule, facts), facts);
    }

    /** How often test-dev had been rotated. */
    private int generation(Instant start) {
        return (int) rotations.stream().filter(at -> !start.isBefore(at)).count();
    }

    /** The thresholds that hold for a drive or a block. */
    private static final class Table {
        private final Era era;
        private final Instant time;
        private final Era.Thresholds thresholds;
        private final double trainDev;

        Table(Era era, Instant start) {
            this(era, start, false);
        }

        /** A block has the thresholds of its beginning, so that all its drives have the same. */
        Table(Era era, Block block) {
            this(era, block.start(era.scheme().block()), true);
        }

        private Table(Era era, Instant start, boolean block) {
            this.era = era;
            time = start.isBefore(era.from()) ? era.from() : start;
            thresholds = era.at(time);
            trainDev = block ? thresholds.trainDev() : thresholds.raisedTrainDev();
        }

        boolean adopts() {
            return thresholds.adoptsAt(time);
        }

        Split split(Domain domain, double position) {
            return switch (domain) {
                case SOURCE -> position < trainDev ? Split.TRAIN_DEV : Split.TRAIN;
                case TARGET -> {
                    if (position < thresholds.test()) {
                        yield Split.TEST;
                    }
                    yield adopts() && position >= thresholds.adoptAbove() ? Split.TRAIN : Split.TEST_DEV;
                }
            };
        }

        /** Whether a block is on the side of train. */
        boolean trains(Domain domain, double position) {
            Domain decides = era.scheme().scope() == SplitPlan.Scope.ALL ? Domain.SOURCE : domain;
            return split(decides, position) == Split.TRAIN;
        }

        Facts facts(String unit, double position, Domain domain) {
            return facts(unit, position, domain, adopts());
        }

        Facts facts(String unit, double position, Domain domain, boolean adopting) {
            int number = thresholds.plan() - era.firstPlan();
            return new Facts(
                    unit,
                    position,
                    shares(domain, adopting),
                    thresholds.plan(),
                    era.plans().get(number).until());
        }

        private List<Share> shares(Domain domain, boolean adopting) {
            double adoptAbove = adopting ? thresholds.adoptAbove() : 1;
            List<Share> shares = switch (domain) {
                case SOURCE -> List.of(new Share(Split.TRAIN_DEV, 0, trainDev), new Share(Split.TRAIN, trainDev, 1));
                case TARGET ->
                    List.of(
                            new Share(Split.TEST, 0, thresholds.test()),
                            new Share(Split.TEST_DEV, thresholds.test(), adoptAbove),
                            new Share(Split.TRAIN, adoptAbove, 1));
            };
            return shares.stream().filter(share -> share.low() < share.high()).toList();
        }
    }
}
