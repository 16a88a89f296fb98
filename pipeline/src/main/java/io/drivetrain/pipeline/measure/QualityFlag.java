package io.drivetrain.pipeline.measure;

import java.util.Locale;

/** What may be wrong with the look of a picture; a flag rejects nothing. */
public enum QualityFlag {
    DARK,
    LIGHT,
    BLURRY,
    LOW_INFORMATION,
    ODD_ASPECT,
    NEAR_DUPLICATE;

    /** The name in records and tables, for example {@code low-information}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
