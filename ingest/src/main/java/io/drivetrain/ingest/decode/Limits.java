package io.drivetrain.ingest.decode;

/** How much of one thing is held in memory; what is larger is reported as too large. */
final class Limits {
    /** Boxes of one image. */
    static final int BOXES = 10_000;

    /** Characters of one line of a text file. */
    static final int LINE = 1 << 20;

    /** Categories or classes of one data set. */
    static final int CATEGORIES = 100_000;

    /** Attributes of one image; further ones are left out. */
    static final int LABEL_ATTRIBUTES = 1000;

    /** Characters of one name, and of a value in a message. */
    static final int NAME = 4096;

    private static final int SHOWN = 200;

    private Limits() {}

    /** A value as messages show it. */
    static String shown(String value) {
        String oneLine = value.replaceAll("\\p{Cntrl}+", " ");
        return "'" + (oneLine.length() <= SHOWN ? oneLine : oneLine.substring(0, SHOWN) + "…") + "'";
    }
}
