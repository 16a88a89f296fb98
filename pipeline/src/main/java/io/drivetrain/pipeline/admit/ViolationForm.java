package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Violation;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Violations between two operators. */
final class ViolationForm {
    private ViolationForm() {}

    static void writeAll(List<Violation> violations, DataOutput out) throws IOException {
        out.writeInt(violations.size());
        for (Violation violation : violations) {
            BinaryForm.writeText(violation.getCode(), out);
            BinaryForm.writeText(violation.getField(), out);
            BinaryForm.writeText(violation.getValue(), out);
            BinaryForm.writeText(violation.getMessage(), out);
        }
    }

    static List<Violation> readAll(DataInput in) throws IOException {
        int count = in.readInt();
        List<Violation> violations = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            violations.add(new Violation(
                    BinaryForm.readText(in),
                    BinaryForm.readText(in),
                    BinaryForm.readText(in),
                    BinaryForm.readText(in)));
        }
        return violations;
    }
}
