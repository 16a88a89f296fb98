package io.drivetrain.trainer.publish;

import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was published before, read anew by each call. */
public interface Published {
    /** Every report, oldest first. */
    List<TrainingReport> reports();

    /** Every model by its id, the newest record of each. */
    Map<String, ModelPublished> models();

    /** What the alias {@code champion} stands for now; empty before the first model. */
    Optional<ModelAlias> champion();

    /**
     * The same with reports and models read once, when first asked for; the champion is read anew by each call, because
     * a person may choose another at any time.
     */
    default Published readOnce() {
        return new PublishedOnce(this);
    }
}
