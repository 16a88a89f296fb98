package io.drivetrain.trainer.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compute capability of an NVIDIA graphics card and whether ND4J's CUDA backend has machine code for it. The backend
 * (nd4j-cuda-11.6 1.0.0-M2.1) carries code for 3.7 to 8.6 and no PTX that a newer card could compile; a card of 8.9
 * runs code of 8.6, as capabilities are compatible within a major version.
 *
 * @param major 8 of 8.6
 * @param minor 6 of 8.6
 */
public record ComputeCapability(int major, int minor) implements Comparable<ComputeCapability> {
    /** Oldest card with machine code in the backend. */
    public static final ComputeCapability OLDEST = new ComputeCapability(3, 7);

    private static final int NEWEST_MAJOR = 8;
    private static final Pattern LINE = Pattern.compile("\\s*(.+?)\\s*,\\s*(\\d+)\\.(\\d+)\\s*");
    private static final String WHAT_WORKS =
            "cards of compute capability 3.7 to 8.9 work (for example T4, A100, A10, RTX 30xx and 40xx); on this machine"
                    + " build the default CPU profile instead: mvn -Pcpu verify";

    /** One card as {@code nvidia-smi} names it. */
    public record Card(String name, ComputeCapability capability) {}

    /** Reads {@code nvidia-smi --query-gpu=name,compute_cap --format=csv,noheader}; lines of other shapes are left out. */
    public static List<Card> cardsIn(String nvidiaSmiOutput) {
        List<Card> cards = new ArrayList<>();
        for (String line : nvidiaSmiOutput.lines().toList()) {
            Matcher matcher = LINE.matcher(line);
            if (matcher.matches()) {
                cards.add(new Card(
                        matcher.group(1),
                        new ComputeCapability(Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)))));
            }
        }
        return List.copyOf(cards);
    }

    /** Why none of the cards can run the CUDA backend, or nothing when the first, which ND4J uses, can. */
    public static Optional<String> objectionTo(List<Card> cards) {
        if (cards.isEmpty()) {
            return Optional.of(
                    "The cuda profile needs an NVIDIA card, and nvidia-smi reports none with its compute capability; "
                            + WHAT_WORKS);
        }
        Card first = cards.get(0);
        if (first.capability().runsTheBackend()) {
            return Optional.empty();
        }
        return Optional.of("%s has compute capability %s, for which ND4J's CUDA backend has no code; %s"
                .formatted(first.name(), first.capability(), WHAT_WORKS));
    }

    /** Whether nd4j-cuda-11.6 has machine code that a card of this capability executes. */
    public boolean runsTheBackend() {
        return compareTo(OLDEST) >= 0 && major <= NEWEST_MAJOR;
    }

    @Override
    public int compareTo(ComputeCapability other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
