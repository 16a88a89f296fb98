package io.drivetrain.trainer.schedule;

import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.ModelAlias;
import io.drivetrain.schemas.RequestKeys;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Finds a request that is waiting or running and asks for the same as another, so that one training answers both: the same
 * data, the same keys for weights and report, whoever changes them, and so the same seed, and the same step or model to
 * reproduce. Who asks, and why, does not matter.
 */
final class Twins {
    private Twins() {}

    /**
     * @param pending in order of arrival
     * @param base of the trainer
     * @param champion what a warm start from {@code champion} begins with now
     */
    static Optional<PendingRequest> of(
            PendingRequest request,
            List<PendingRequest> pending,
            DrivetrainConfig base,
            Optional<ModelAlias> champion) {
        return pending.stream()
                .filter(other -> !other.withdrawn())
                .filter(other -> request.waitsForGrowth() && other.waitsForGrowth()
                        || sameData(request, other)
                                && request.step().equals(other.step())
                                && request.reproduces().equals(other.reproduces())
                                && keys(request, base, champion).equals(keys(other, base, champion)))
                .findFirst();
    }

    private static boolean sameData(PendingRequest one, PendingRequest other) {
        return one.upTo().isPresent() && one.upTo().equals(other.upTo());
    }

    private static Map<String, String> keys(
            PendingRequest request, DrivetrainConfig base, Optional<ModelAlias> champion) {
        Map<String, String> overrides =
                RequestBinding.withChampion(request, base, champion).overrides();
        Map<String, String> keys = new TreeMap<>();
        if (RunConfig.of(base, overrides) instanceof RunConfig.Accepted accepted) {
            keys.putAll(accepted.config().asText());
        }
        keys.keySet().removeIf(key -> !RequestKeys.changeable(key));
        return keys;
    }
}
