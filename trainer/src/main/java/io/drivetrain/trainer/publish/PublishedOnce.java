package io.drivetrain.trainer.publish;

import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.ModelPublished;
import io.drivetrain.schemas.TrainingReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What was published before, remembered from the first reading; not safe for several threads. */
final class PublishedOnce implements Published {
    private final Published published;
    private Optional<List<TrainingReport>> reports = Optional.empty();
    private Optional<Map<String, ModelPublished>> models = Optional.empty();

    PublishedOnce(Published published) {
        this.published = published;
    }

    @Override
    public List<TrainingReport> reports() {
        if (reports.isEmpty()) {
            reports = Optional.of(List.copyOf(published.reports()));
        }
        return reports.get();
    }

    @Override
    public Map<String, ModelPublished> models() {
        if (models.isEmpty()) {
            models = Optional.of(published.models());
        }
        return models.get();
    }

    @Override
    public Optional<ModelAlias> champion() {
        return published.champion();
    }
}
