package io.drivetrain.pipeline.admit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.drivetrain.pipeline.TestSamples;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Violation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.KeyedCoProcessOperator;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** The stages that compare looks, one after the other, as the job has them. */
class LookOperatorTest {
    private static final long HASH = 0x0123456789abcdefL;
    private static final long SEED = 7;

    private static final Map<String, String> WINDOWS =
            Map.of("admission.duplicate-window", "PT1H", "admission.near-duplicate-window", "PT100H");

    @Test
    void picturesThatNearlyLookTheSameAreFlaggedAndNeverBothTeachAndExamine() throws Exception {
        try (Bands bands = new Bands(WINDOWS, null)) {
            assertThat(bands.judge(claim("a", 1).hash(HASH)).flags()).isEmpty();
            assertThat(bands.judge(claim("b", 2).hash(HASH ^ 0b11)).flags()).containsExactly("near-duplicate");
            Claim refused = bands.judge(claim("c", 3).hash(HASH ^ 0b101000).split(Split.TEST));
            assertThat(codes(refused)).containsExactly("near-duplicate-across-splits");
            assertThat(refused.violations().get(0).getMessage())
                    .isEqualTo(
                            "The image of sample c, which belongs to test, looks the same as that of sample a in train (2 bits of their hashes differ): the same picture may not both teach and examine; nothing needs to be done");
            Claim other = bands.judge(claim("d", 4).hash(HASH ^ 0xF0).split(Split.TEST));
            assertThat(other.clean()).as("4 bits differ").isTrue();
            assertThat(other.flags()).isEmpty();
        }
    }

    @Test
    void everyPairWithinTheBitsMeetsInABandWhicheverBitsDiffer() throws Exception {
        Random random = new Random(SEED);
        for (int bits = 0; bits <= 2; bits++) {
            Map<String, String> settings = new HashMap<>(WINDOWS);
            settings.put("admission.near-duplicate-bits", Integer.toString(bits));
            try (Bands bands = new Bands(settings, null)) {
                for (int pair = 0; pair < 300; pair++) {
                    long hash = random.nextLong();
                    int distance = pair % 6;
                    long copy = flipped(hash, distance, random);
                    bands.judge(claim("a" + pair, 2 * pair).hash(hash));
                    Claim judged = bands.judge(
                            claim("b" + pair, 2 * pair + 1).hash(copy).split(Split.TEST_DEV));
                    assertThat(judged.clean())
                            .as("seed %d, pair %d: %d bits differ, %d allowed", SEED, pair, distance, bits)
                            .isEqualTo(distance > bits);
                }
            }
        }
    }

    @Test
    void whicheverOrderThePairsComeInNoneEndsOnBothSides() throws Exception {
        Random random = new Random(SEED);
        List<TestClaim> claims = new ArrayList<>();
        List<Long> hashes = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            long hash = i % 4 == 0 ? random.nextLong() : flipped(hashes.get(i - i % 4), 1 + i % 2, random);
            hashes.add(hash);
            claims.add(claim("s" + i, i).hash(hash).split(random.nextBoolean() ? Split.TRAIN : Split.TEST));
        }
        Collections.shuffle(claims, random);
        List<Claim> admitted = new ArrayList<>();
        try (Bands bands = new Bands(WINDOWS, null)) {
            for (TestClaim claim : claims) {
                Claim judged = bands.judge(claim);
                if (judged.clean()) {
                    admitted.add(judged);
                } else if (judged.reserved()) {
                    bands.release(judged);
                }
            }
        }
        assertThat(admitted).hasSizeBetween(100, 190);
        for (Claim one : admitted) {
            for (Claim other : admitted) {
                if (Long.bitCount(one.look().hash() ^ other.look().hash()) <= 2) {
                    assertThat(one.split()).isEqualTo(other.split());
                }
            }
        }
    }

    @Test
    void theSideOfALookOutlivesTheDuplicateWindowAndARestore() throws Exception {
        List<OperatorSubtaskState> snapshots;
        try (Bands bands = new Bands(WINDOWS, null)) {
            bands.judge(claim("a", 1).hash(HASH));
            bands.passHours(29);
            bands.judge(claim("b", 2).hash(HASH ^ 1));
            snapshots = bands.snapshot();
        }
        try (Bands bands = new Bands(WINDOWS, snapshots)) {
            bands.passHours(99);
            assertThat(codes(bands.judge(claim("c", 3).hash(HASH).split(Split.TEST))))
                    .containsExactly("near-duplicate-across-splits");
            bands.passHours(300);
            assertThat(bands.judge(claim("c", 3).hash(HASH).split(Split.TEST)).clean())
                    .as("forgotten after the window")
                    .isTrue();
        }
    }

    @Test
    void aLookThatWasReservedAndThenRefusedIsFreeInEveryBand() throws Exception {
        try (Bands bands = new Bands(WINDOWS, null)) {
            Claim first = bands.judge(claim("a", 1).hash(HASH));
            bands.release(claim("a", 1).hash(HASH).run("the run before").build());
            Claim refused = bands.judge(claim("b", 2).hash(HASH ^ 1).split(Split.TEST));
            assertThat(codes(refused)).as("a release of another run").containsExactly("near-duplicate-across-splits");
            bands.release(refused);
            Claim second = bands.judge(claim("c", 3).hash(HASH));
            bands.release(first);
            refused = bands.judge(claim("d", 4).hash(HASH ^ 1).split(Split.TEST));
            assertThat(refused.clean()).as("c has it, too").isFalse();
            bands.release(refused);
            bands.release(second);
            assertThat(bands.entries()).as("nothing is left").isZero();
            assertThat(bands.judge(claim("e", 5).hash(HASH ^ 1).split(Split.TEST))
                            .clean())
                    .isTrue();
        }
    }

    @Test
    void aLookOfManySamplesIsKeptForGood() throws Exception {
        try (Bands bands = new Bands(WINDOWS, null)) {
            List<Claim> many = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                many.add(bands.judge(claim("a" + i, i).hash(HASH)));
            }
            for (Claim claim : many) {
                bands.release(claim);
            }
            assertThat(bands.judge(claim("b", 9).hash(HASH).split(Split.TEST)).clean())
                    .isFalse();
        }
    }

    @Test
    void flatPicturesLookTheSameOnlyIfTheirBytesAreEqual() throws Exception {
        try (Bands bands = new Bands(WINDOWS, null)) {
            bands.judge(claim("a", 1).flat());
            assertThat(bands.judge(claim("b", 2).flat().sha256("22").split(Split.TEST))
                            .clean())
                    .isTrue();
            assertThat(codes(bands.judge(claim("c", 3).flat().split(Split.TEST))))
                    .containsExactly("near-duplicate-across-splits");
        }
    }

    @Test
    void aSampleThatIsSentAgainIsNoNearDuplicateOfItself() throws Exception {
        try (Bands bands = new Bands(WINDOWS, null)) {
            bands.judge(claim("a", 1).hash(HASH));
            Claim again = bands.judge(claim("a", 2).hash(HASH));
            assertThat(again.clean()).isTrue();
            assertThat(again.flags()).isEmpty();
        }
    }

    @Test
    void aBandRemembersSoManyLooksAndForgetsTheOldest() {
        Looks looks = Looks.NONE;
        for (int i = 0; i <= Looks.MOST; i++) {
            looks = looks.with(claim("a" + i, i).hash(i).build());
        }
        assertThat(looks.known()).hasSize(Looks.MOST);
        assertThat(looks.known().get(0).hash()).isEqualTo(1);
        assertThat(looks.known().get(Looks.MOST - 1).hash()).isEqualTo(Looks.MOST);
    }

    @Test
    void theBandsOfALookShareNoBitAndTogetherHaveAll() {
        long together = 0;
        for (int band = 0; band < Look.BANDS; band++) {
            long key = Long.parseUnsignedLong(new Look(null, -1L).key(band), 16);
            assertThat(key & together).isZero();
            together |= key;
        }
        assertThat(together).isEqualTo(-1L);
    }

    @Test
    void aLookIsReadAsItIsWritten() {
        for (Look look : List.of(new Look("abc", 0), new Look(null, HASH), new Look(null, -1))) {
            assertThat(Look.parse(look.text())).isEqualTo(look);
        }
        assertThatThrownBy(() -> Look.parse("0123"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Cannot read '0123' as a look; it begins with = or ~");
    }

    private static TestClaim claim(String id, int frame) {
        return new TestClaim(id, frame);
    }

    private static List<String> codes(Claim claim) {
        return claim.violations().stream().map(Violation::getCode).toList();
    }

    private static long flipped(long hash, int bits, Random random) {
        return random.ints(0, 64)
                .distinct()
                .limit(bits)
                .mapToLong(bit -> 1L << bit)
                .reduce(hash, (a, b) -> a ^ b);
    }

    /** All bands, each with its memory. */
    private static final class Bands implements AutoCloseable {
        private final List<KeyedTwoInputStreamOperatorTestHarness<String, Claim, Release, Claim>> harnesses =
                new ArrayList<>();

        Bands(Map<String, String> settings, List<OperatorSubtaskState> snapshots) throws Exception {
            DrivetrainConfig config = TestSamples.config(settings);
            for (int i = 0; i < Look.BANDS; i++) {
                int band = i;
                var harness = new KeyedTwoInputStreamOperatorTestHarness<>(
                        new KeyedCoProcessOperator<>(new LookOperator(config, band)),
                        (Claim claim) -> claim.look().key(band),
                        (Release release) -> release.look().key(band),
                        Types.STRING);
                if (snapshots != null) {
                    harness.initializeState(snapshots.get(band));
                }
                harness.open();
                harnesses.add(harness);
            }
        }

        Claim judge(TestClaim built) throws Exception {
            Claim claim = built.build();
            for (var harness : harnesses) {
                harness.processElement1(claim, 0);
                List<Claim> judged = harness.extractOutputValues();
                claim = judged.get(judged.size() - 1);
                harness.getOutput().clear();
            }
            return claim;
        }

        void release(Claim claim) throws Exception {
            for (var harness : harnesses) {
                harness.processElement2(Release.of(claim), 0);
            }
        }

        void passHours(int hours) throws Exception {
            for (var harness : harnesses) {
                harness.setStateTtlProcessingTime(Duration.ofHours(hours).toMillis());
            }
        }

        List<OperatorSubtaskState> snapshot() throws Exception {
            List<OperatorSubtaskState> snapshots = new ArrayList<>();
            for (var harness : harnesses) {
                snapshots.add(harness.snapshot(1, 1));
            }
            return snapshots;
        }

        int entries() {
            return IntStream.range(0, Look.BANDS)
                    .map(band -> harnesses.get(band).numKeyedStateEntries())
                    .sum();
        }

        @Override
        public void close() throws Exception {
            for (var harness : harnesses) {
                harness.close();
            }
        }
    }
}
