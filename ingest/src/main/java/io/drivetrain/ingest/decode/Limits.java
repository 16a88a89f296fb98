package io.drivetrain.ingest.decode;

import java.time.Instant;

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

    private static final Instant FIRST_TIME = Instant.parse("0001-01-01T00:00:00Z");
    private static final Instant LAST_TIME = Instant.parse("9999-12-31T23:59:59.999Z");

    private static final int SHOWN = 200;

    private Limits() {}

    /** Whether a time has a year of four digits and fits into a record; whether it is plausible is for curation to say. */
    static boolean isTime(Instant time) {
        return !time.isBefore(FIRST_TIME) && !time.isAfter(LAST_TIME);
    }

    /** A value as messages show it. */
    static String shown(String value) {
        String oneLine = value.replaceAll("\\p{Cntrl}+", " ");
        return "'" + (oneLine.length() <= SHOWN ? oneLine : oneLine.substring(0, SHOWN) + "…") + "'";
    }
}
