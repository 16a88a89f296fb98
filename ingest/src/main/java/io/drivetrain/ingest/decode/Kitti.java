package io.drivetrain.ingest.decode;

import io.drivetrain.ingest.collect.Collected;
import io.drivetrain.schemas.Box;
import java.util.Optional;

/** KITTI's label_2: type, truncated, occluded, alpha, left, top, right, bottom in pixels, and seven 3-D columns. */
final class Kitti {
    private static final int COLUMNS = 15;
    private static final int COLUMNS_OF_A_RESULT = 16;
    private static final int LEFT = 4;
    private static final String REGION_WITHOUT_LABELS = "DontCare";

    private Kitti() {}

    static Optional<Box> box(String[] columns) throws BoxText.Wrong {
        if (columns.length != COLUMNS && columns.length != COLUMNS_OF_A_RESULT) {
            throw new BoxText.Wrong(
                    Collected.Kind.BROKEN_SYNTAX,
                    "%d columns beginning with %s where KITTI has 15, or 16 in results"
                            .formatted(columns.length, Limits.shown(columns[0])),
                    "correct the line");
        }
        if (columns[0].equals(REGION_WITHOUT_LABELS)) {
            return Optional.empty();
        }
        return Optional.of(new Box(
                columns[0],
                BoxText.number(columns[LEFT], "left"),
                BoxText.number(columns[LEFT + 1], "top"),
                BoxText.number(columns[LEFT + 2], "right"),
                BoxText.number(columns[LEFT + 3], "bottom")));
    }
}
