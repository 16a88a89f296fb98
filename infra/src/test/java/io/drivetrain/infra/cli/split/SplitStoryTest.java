package io.drivetrain.infra.cli.split;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.drivetrain.infra.cli.show.Terminal;
import io.drivetrain.schemas.ConfigReader;
import io.drivetrain.schemas.Domain;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Split;
import io.drivetrain.schemas.Violation;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class SplitStoryTest {
    private static final Instant START = Instant.parse("2026-11-01T08:00:00Z");

    private static JsonNode today(String split, String generation) throws Exception {
        return today(split, generation, "d");
    }

    private static JsonNode today(String split, String generation, String unit) throws Exception {
        return new ObjectMapper().readTree("""
                {"split": %s, "testDevGeneration": %s, "rule": "SHARE", "reason": "Drive d (TARGET) is dealt by its id",
                 "start": "2026-11-01T08:00:00Z", "unit": "%s", "position": 0.61, "shares": [
                  {"split": "test", "low": 0, "high": 0.4},
                  {"split": "test-dev", "low": 0.4, "high": 1}],
                 "rules": ["Plan: number 1 of 1", "Embargo: none is set"]}""".formatted(split, generation, unit));
    }

    private static Bound bound(String drive, Split split, Integer generation, String... flags) {
        return new Bound(
                drive + "/1",
                drive,
                Domain.TARGET,
                split,
                generation,
                START,
                Map.of(),
                List.of(flags),
                "pedestrian",
                0,
                0,
                7,
                "samples.test-dev-0@7");
    }

    private static String shown(JsonNode document, BiConsumer<JsonNode, Terminal> show) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        show.accept(
                document, new Terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, false, true, 100));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theBarShowsWhoHasWhichPositionsAndWhereTheDriveIs() throws Exception {
        assertThat(SplitStory.bar(today("\"test-dev\"", "0")))
                .containsExactly(
                        "  0 |-------------------|-----------------------------| 1",
                        "    test                test-dev",
                        "                                  ^ 0.6100",
                        "  test 0.0000..0.4000, test-dev 0.4000..1.0000");
    }

    @Test
    void aDriveThatTodayWouldTrainStaysInItsEvaluationSplit() throws Exception {
        Bound bound = bound("d", Split.TEST_DEV, 0);
        assertThat(SplitStory.verdict(bound, today("\"test-dev\"", "0")))
                .isEqualTo("The configuration of today decides the same.");
        assertThat(SplitStory.verdict(bound, today("\"train\"", "null")))
                .isEqualTo(
                        "The configuration of today would deal the drive to train; it stays in test-dev, because a drive never moves from an evaluation split into train.");
        assertThat(SplitStory.verdict(bound, today("\"test\"", "null")))
                .contains("deal the drive to test; it stays in test-dev, because a drive is dealt once");
        assertThat(SplitStory.verdict(bound, today("\"test-dev\"", "1")))
                .contains("test-dev number 1; it stays in number 0");
        assertThat(SplitStory.verdict(bound, today("null", "null"))).contains("would hold the drive out (SHARE)");
    }

    @Test
    void anAdmittedSampleIsToldWithItsDriveItsRulesAndItsLikeness() throws Exception {
        SplitSearch.Sample found =
                new SplitSearch.Sample(bound("d", Split.TEST_DEV, 0, "near-duplicate"), List.of(), 12);
        JsonNode today = today("\"test-dev\"", "0");
        JsonNode document = SplitStory.sample("d/1", found, new Explanation(today, true, today));
        assertThat(document.get("asToday").asBoolean()).isTrue();
        assertThat(shown(document, SplitStory::showSample).replaceAll("\\s+", " "))
                .contains(
                        "d/1 is in test-dev number 0 (samples.test-dev-0@7)",
                        "Drive d (TARGET) was dealt by its first sample, captured at 2026-11-01T08:00:00Z",
                        "^ 0.6100",
                        "by the plans that curation wrote down in the table when it started",
                        "Plan: number 1 of 1.",
                        "Embargo: none is set.",
                        "Flags: near-duplicate",
                        "had that one been in train, this one would have been rejected");
    }

    @Test
    void aCorrectedSampleIsToldWithItsNewestLabel() throws Exception {
        Bound plain = bound("d", Split.TEST_DEV, 0);
        Bound corrected = new Bound(
                plain.sampleId(),
                plain.driveId(),
                plain.domain(),
                plain.split(),
                plain.testDevGeneration(),
                plain.capturedAt(),
                plain.attributes(),
                plain.flags(),
                "no-pedestrian",
                2,
                0,
                9,
                "samples.test-dev-0@9");
        JsonNode today = today("\"test-dev\"", "0");
        JsonNode document = SplitStory.sample(
                "d/1", new SplitSearch.Sample(corrected, List.of(), 12), new Explanation(today, true, today));
        assertThat(document.get("label").asText()).isEqualTo("no-pedestrian");
        assertThat(document.get("labelRevision").asInt()).isEqualTo(2);
        assertThat(shown(document, SplitStory::showSample))
                .contains("Label: no-pedestrian, of revision 2, which corrects an earlier one; the split stays");
    }

    @Test
    void anIdThatOnlyLooksLikeTheOneAskedForIsShownAsSuch() throws Exception {
        assertThat(SplitSearch.sameLetters("caf\u00e9-1", "cafe\u0301-1")).isTrue();
        assertThat(SplitSearch.sameLetters("cafe-1", "cafe\u0301-1")).isFalse();
        JsonNode today = today("\"test-dev\"", "0");
        ObjectNode document = SplitStory.sample(
                "cafe\u0301/1",
                new SplitSearch.Sample(bound("d", Split.TEST_DEV, 0), List.of(), 12),
                new Explanation(today, true, today));
        assertThat(shown(document, SplitStory::showSample)).doesNotContain("code points");
        assertThat(shown(document.put("askedFor", "caf\u00e9/1"), SplitStory::showSample))
                .startsWith("There is none whose id has just these code points");
    }

    @Test
    void aRejectedSampleIsToldWithItsViolations() {
        SplitSearch.Refused refused = new SplitSearch.Refused(
                "samples.raw-0@4",
                START,
                List.of(new Violation("unknown-class", "label", "trcuk", "Correct the label")));
        JsonNode document = SplitStory.sample("d/1", new SplitSearch.Sample(null, List.of(refused), 12), null);
        assertThat(document.at("/rejections/0/violations/0/code").asText()).isEqualTo("unknown-class");
        assertThat(shown(document, SplitStory::showSample))
                .contains(
                        "d/1 was rejected at 2026-11-01T08:00:00Z, as samples.raw-0@4:",
                        "unknown-class  label = trcuk",
                        "Correct the label");
    }

    @Test
    void theReasonsAreThoseOfThePlansThatWereWrittenDownAndTodayIsToldBesideThem() throws Exception {
        Bound bound = bound("d", Split.TEST_DEV, 0);
        JsonNode decided = today("\"test-dev\"", "0");
        JsonNode today = new ObjectMapper()
                .readTree(today("\"test\"", "null").toString().replace("is dealt by its id", "has another salt"));
        SplitSearch.Sample found = new SplitSearch.Sample(bound, List.of(), 12);
        JsonNode document = SplitStory.sample("d/1", found, new Explanation(decided, true, today));
        assertThat(document.get("asToday").asBoolean()).isFalse();
        assertThat(shown(document, SplitStory::showSample).replaceAll("\\s+", " "))
                .contains(
                        "by the plans that curation wrote down in the table when it started. Drive d (TARGET) is dealt by its id",
                        "would deal the drive to test; it stays in test-dev")
                .doesNotContain("has another salt");
        assertThat(SplitStory.decidedBy(bound, new Explanation(today, true, decided)))
                .contains("decide otherwise", "dealt by earlier ones");
        assertThat(SplitStory.decidedBy(bound, new Explanation(decided, false, decided)))
                .contains("cannot be read here");
    }

    @Test
    void aRecordOfPlansIsReadAsTheKeysThatItWasWrittenFrom() {
        String past =
                "until=2026-10-01T00:00:00Z salt=z train-dev-fraction=0.2 test-fraction=0.5 adopt-fraction=0.0 embargo=none";
        DrivetrainConfig then = ConfigReader.read(
                Optional.empty(),
                Map.of(),
                Map.of(
                        "split.history", past,
                        "split.salt", "a",
                        "split.adopt-from", "2026-11-01T00:00:00Z",
                        "split.adopt-fraction", "0.1",
                        "split.embargo", "PT30M",
                        "split.rotate-test-dev-at", "2026-11-02T00:00:00Z,2026-11-03T00:00:00Z"));
        List<String> record = List.of(
                "place-attributes=" + String.join(",", then.split().placeAttributes()),
                "rotate-test-dev-at=2026-11-02T00:00:00Z,2026-11-03T00:00:00Z",
                then.split().plans().get(0).asText(),
                then.split().plans().get(1).asText());
        DrivetrainConfig now = ConfigReader.read(Optional.empty(), Map.of(), Map.of("split.salt", "b"));
        assertThat(ConfigReader.read(Optional.empty(), Map.of(), SplitRules.written(record, now.asText()))
                        .split())
                .isEqualTo(then.split());
    }

    @Test
    void anEmptySettingIsToldToTheRulesAsEmpty() {
        DrivetrainConfig config = ConfigReader.read(Optional.empty(), Map.of(), Map.of("split.place-attributes", ""));
        DrivetrainConfig told =
                ConfigReader.fromArguments(SplitRules.settings(config).toArray(String[]::new), Map.of());
        assertThat(told.split()).isEqualTo(config.split());
        assertThat(told.split().placeAttributes()).isEmpty();
    }

    @Test
    void thePlanCountsDrivesAndSaysHowManyAreExpected() throws Exception {
        SplitSearch.Drives drives = new SplitSearch.Drives(
                List.of(bound("a", Split.TEST_DEV, 0), bound("b", Split.TEST, null)),
                Map.of(Split.TEST_DEV, 50L, Split.TEST, 40L),
                1);
        JsonNode document = SplitStory.plan(
                ConfigReader.read(Optional.empty(), Map.of(), Map.of()).split().plans(),
                Optional.of(List.of("place-attributes=car", "salt=s")),
                drives,
                List.of(today("\"test-dev\"", "0", "a"), today("\"test-dev\"", "0", "b")));
        assertThat(document.get("drivesDealtOtherwiseToday").asInt()).isEqualTo(1);
        assertThat(document.at("/splits/2/expectedDrives").asDouble()).isEqualTo(1.2);
        assertThat(shown(document, SplitStory::showPlan))
                .contains(
                        "(that of today)",
                        "  until=TIME salt=2026-11 train-dev-fraction=0.2 test-fraction=0.5 adopt-fraction=0.0 embargo=none",
                        "Written down in the table",
                        "  salt=s",
                        "2 drives; 1 held out by an embargo",
                        "1.2 ±   0.7           50");
    }

    @Test
    void drivesOfOneBlockAreDealtTogetherSoTheirNumberIsLessCertain() throws Exception {
        List<Bound> bound = new ArrayList<>();
        List<JsonNode> alone = new ArrayList<>();
        List<JsonNode> inTwoBlocks = new ArrayList<>();
        for (int drive = 0; drive < 100; drive++) {
            bound.add(bound("d" + drive, Split.TEST, null));
            alone.add(today("\"test\"", "null", "d" + drive));
            inTwoBlocks.add(today("\"test\"", "null", "place=1 from " + drive / 50));
        }
        // Binomial: 100 times 0.4 × 0.6, and twice 50² × 0.4 × 0.6.
        assertThat(deviation(bound, alone)).isCloseTo(Math.sqrt(24), within(1e-9));
        assertThat(deviation(bound, inTwoBlocks)).isCloseTo(Math.sqrt(1200), within(1e-9));
    }

    private static double deviation(List<Bound> drives, List<JsonNode> today) {
        JsonNode document = SplitStory.plan(
                ConfigReader.read(Optional.empty(), Map.of(), Map.of()).split().plans(),
                Optional.empty(),
                new SplitSearch.Drives(drives, Map.of(), 0),
                today);
        assertThat(document.at("/splits/3/split").asText()).isEqualTo("test");
        assertThat(document.at("/splits/3/expectedDrives").asDouble()).isCloseTo(40, within(1e-9));
        return document.at("/splits/3/expectedDeviation").asDouble();
    }
}
