package io.drivetrain.pipeline;

/** Identities of operators in checkpoints: they outlive renames, so a value never changes once it was released. */
public final class OperatorUids {
    public static final String RAW_SOURCE = "raw-source";
    public static final String RELEASE_SOURCE = "release-source";
    public static final String INSPECT = "inspect";
    public static final String DRIVE_LEDGERS = "drive-ledgers";
    public static final String SEEN_CONTENT = "seen-content";
    public static final String SEEN_LOOKS = "seen-looks";
    public static final String SEEN_IDS = "seen-ids";
    public static final String SETTLE = "settle";
    public static final String SPLIT_RECORDS = "split-records";
    public static final String DRIVE_TALLIES = "drive-tallies";
    public static final String BALANCE_WINDOWS = "balance-windows";
    public static final String CURATION_SINK = "curation-kafka-sink";
    public static final String TABLE_ROWS = "table-rows";
    public static final String TABLE_SINK = "samples-table";
    public static final String CURATED_SOURCE = "curated-source";
    public static final String DRIVE_MEANS = "drive-means";
    public static final String SHIFT_WINDOWS = "shift-windows";
    public static final String SHIFT_SINK = "shift-kafka-sink";

    private OperatorUids() {}
}
