package io.drivetrain.trainer.vectors;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** A case of reference vectors, with its data set at hand and the differences that were found. */
final class VectorCase {
    private static final int TOLD_DIFFERENCES = 5;

    private final JsonNode group;
    private final JsonNode test;
    private final List<String> differences = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private int compared;

    VectorCase(JsonNode group, JsonNode test) {
        this.group = group;
        this.test = test;
    }

    String id() {
        return test.path("id").asText("?");
    }

    String kind() {
        return test.path("kind").asText("?");
    }

    String note() {
        return test.path("note").asText("");
    }

    JsonNode input() {
        return test.path("input");
    }

    JsonNode expected() {
        return test.path("expected");
    }

    JsonNode tolerance() {
        return test.path("tolerance");
    }

    /** The data set that the input names; missing if it names none. */
    JsonNode dataset() {
        return group.path("datasets").path(input().path("dataset").asText(""));
    }

    /** The peer threw here: ours must have a defined answer. */
    boolean peerThrew() {
        return expected().has("raises");
    }

    List<String> differences() {
        return differences;
    }

    List<String> skipped() {
        return skipped;
    }

    int compared() {
        return compared;
    }

    void skip(String reason) {
        skipped.add(reason);
    }

    /** Counts as a comparison; the text says what is wrong. */
    void require(boolean holds, String text) {
        compared++;
        if (!holds) {
            differ(text);
        }
    }

    void equal(String name, Object ours, Object should) {
        require(ours.equals(should), "%s is %s and should be %s".formatted(name, ours, should));
    }

    /** Within the case's tolerance for this name, or its general one. */
    void number(String name, double ours, JsonNode should) {
        JsonNode own = tolerance().has(name) ? tolerance().get(name) : tolerance();
        number(
                name,
                ours,
                number(should),
                own.path("abs").asDouble(0),
                own.path("rel").asDouble(0));
    }

    void number(String name, double ours, double should, double absolute, double relative) {
        require(
                Double.compare(ours, should) == 0 || Math.abs(ours - should) <= absolute + relative * Math.abs(should),
                "%s is %s and should be %s".formatted(name, ours, should));
    }

    void numbers(String name, double[] ours, JsonNode should) {
        if (ours.length != should.size()) {
            require(false, "%s has %d values and should have %d".formatted(name, ours.length, should.size()));
            return;
        }
        JsonNode own = tolerance().has(name) ? tolerance().get(name) : tolerance();
        for (int i = 0; i < ours.length; i++) {
            number(
                    name + " at " + i,
                    ours[i],
                    number(should.get(i)),
                    own.path("abs").asDouble(0),
                    own.path("rel").asDouble(0));
        }
    }

    void matrix(String name, double[][] ours, JsonNode should) {
        if (ours.length != should.size()) {
            require(false, "%s has %d rows and should have %d".formatted(name, ours.length, should.size()));
            return;
        }
        JsonNode own = tolerance().has(name) ? tolerance().get(name) : tolerance();
        for (int i = 0; i < ours.length; i++) {
            for (int j = 0; j < ours[i].length; j++) {
                number(
                        "%s at %d, %d".formatted(name, i, j),
                        ours[i][j],
                        number(should.get(i).path(j)),
                        own.path("abs").asDouble(0),
                        own.path("rel").asDouble(0));
            }
        }
    }

    /** NaN and infinities are strings in the vectors. */
    static double number(JsonNode node) {
        return node.isTextual() ? Double.parseDouble(node.asText()) : node.asDouble(Double.NaN);
    }

    static double[] numbers(JsonNode list) {
        double[] values = new double[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = number(list.get(i));
        }
        return values;
    }

    static double[][] matrix(JsonNode rows) {
        double[][] values = new double[rows.size()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = numbers(rows.get(i));
        }
        return values;
    }

    static int[] integers(JsonNode list) {
        int[] values = new int[list.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = list.get(i).asInt();
        }
        return values;
    }

    private void differ(String text) {
        if (differences.size() < TOLD_DIFFERENCES) {
            differences.add(text);
        } else if (differences.size() == TOLD_DIFFERENCES) {
            differences.add("and more");
        }
    }
}
