package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.measure.ImageHeader;
import io.drivetrain.schemas.Box;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.LabeledSample;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether boxes are boxes, lie in their image and are there once; each box gets at most one finding on its corners. */
final class BoxRules {
    private static final int MOST_BOXES = 10_000;
    private static final List<String> CORNERS = List.of("x1", "y1", "x2", "y2");

    private final double tolerance;
    private final Set<String> categories;

    BoxRules(DrivetrainConfig.Admission limits) {
        tolerance = limits.boxTolerance();
        categories = Set.copyOf(limits.boxCategories());
    }

    /**
     * Checks all boxes of a sample.
     *
     * @param frame empty if the size of the image is unknown; then nothing is outside
     */
    void check(LabeledSample sample, Optional<ImageHeader.Readable> frame, Findings findings) {
        List<Box> boxes = sample.getBoxes();
        if (boxes.isEmpty()) {
            return;
        }
        String id = Findings.shown(sample.getSampleId());
        if (boxes.size() > MOST_BOXES) {
            findings.add(
                    ViolationCode.RECORD_TOO_LARGE,
                    "boxes",
                    boxes.size() + " boxes",
                    "Sample %s has %d boxes, at most %d are admitted; send those of this image only"
                            .formatted(id, boxes.size(), MOST_BOXES));
            return;
        }
        Map<Box, Integer> seen = new HashMap<>();
        for (int i = 0; i < boxes.size(); i++) {
            Box box = boxes.get(i);
            String path = "boxes[" + i + "]";
            category(box, path, id, findings);
            if (corners(box, path, id, frame, findings)) {
                Integer first = seen.putIfAbsent(box, i);
                if (first != null) {
                    findings.add(
                            ViolationCode.BOX_DUPLICATE,
                            path,
                            shown(box),
                            "%s of sample %s is the same as boxes[%d]; remove one of the two"
                                    .formatted(path, id, first));
                }
            }
        }
    }

    private void category(Box box, String path, String id, Findings findings) {
        String category = box.getCategory();
        boolean known = !category.isBlank()
                && category.length() <= IdentityRules.MOST_CHARACTERS
                && (categories.isEmpty() || categories.contains(category));
        if (!known) {
            findings.add(
                    ViolationCode.UNKNOWN_BOX_CATEGORY,
                    path + ".category",
                    category,
                    "Unknown category '%s' in %s of sample %s; add it to admission.box-categories or correct the source"
                            .formatted(Findings.shown(category), path, id));
        }
    }

    /** Returns whether the corners make a box. */
    private boolean corners(Box box, String path, String id, Optional<ImageHeader.Readable> frame, Findings findings) {
        double[] corners = {box.getX1(), box.getY1(), box.getX2(), box.getY2()};
        for (int i = 0; i < corners.length; i++) {
            if (!Double.isFinite(corners[i])) {
                findings.add(
                        ViolationCode.BOX_NOT_A_NUMBER,
                        path + "." + CORNERS.get(i),
                        Double.toString(corners[i]),
                        "%s of %s of sample %s is %s; correct the tool that wrote it"
                                .formatted(CORNERS.get(i), path, id, corners[i]));
                return false;
            }
        }
        if (corners[2] < corners[0] || corners[3] < corners[1]) {
            findings.add(
                    ViolationCode.BOX_INVERTED,
                    path,
                    shown(box),
                    "%s of sample %s ends before it begins; x1, y1 is the upper left corner and x2, y2 the lower right, not a size"
                            .formatted(path, id));
            return false;
        }
        if (corners[2] == corners[0] || corners[3] == corners[1]) {
            findings.add(
                    ViolationCode.BOX_EMPTY,
                    path,
                    shown(box),
                    "%s of sample %s has no area; remove it, or add 1 to x2 and y2 if the source counts them in"
                            .formatted(path, id));
            return false;
        }
        frame.ifPresent(size -> outside(corners, size, path, id, findings));
        return true;
    }

    // Within the tolerance a box may reach beyond the image, but some of it must be in it.
    private static int cornerBeyond(double[] corners, ImageHeader.Readable frame) {
        return corners[0] >= frame.width()
                ? 0
                : corners[1] >= frame.height() ? 1 : corners[2] <= 0 ? 2 : corners[3] <= 0 ? 3 : -1;
    }

    private void outside(double[] corners, ImageHeader.Readable frame, String path, String id, Findings findings) {
        for (int i = 0; i < corners.length; i++) {
            int side = i % 2 == 0 ? frame.width() : frame.height();
            if (corners[i] < -tolerance || corners[i] > side + tolerance || i == cornerBeyond(corners, frame)) {
                findings.add(
                        ViolationCode.BOX_OUTSIDE_FRAME,
                        path + "." + CORNERS.get(i),
                        Double.toString(corners[i]),
                        "%s of sample %s lies outside the image of %d x %d pixels: %s is %s; give corners in pixels of this image, clipped to it"
                                .formatted(path, id, frame.width(), frame.height(), CORNERS.get(i), corners[i]));
                return;
            }
        }
    }

    private static String shown(Box box) {
        return String.format(
                Locale.ROOT,
                "%s (%s, %s)-(%s, %s)",
                box.getCategory(),
                box.getX1(),
                box.getY1(),
                box.getX2(),
                box.getY2());
    }
}
