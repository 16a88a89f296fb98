package io.drivetrain.pipeline.balance;

import io.drivetrain.schemas.Alert;
import io.drivetrain.schemas.ClassBalanceReport;
import io.drivetrain.schemas.LabelSourceReport;
import java.util.ArrayList;
import java.util.List;

/** What a step of the windows has to say, in order. */
public record Published(List<ClassBalanceReport> balance, List<LabelSourceReport> sources, List<Alert> alerts) {
    public Published {
        balance = List.copyOf(balance);
        sources = List.copyOf(sources);
        alerts = List.copyOf(alerts);
    }

    static Published nothing() {
        return new Published(List.of(), List.of(), List.of());
    }

    Published and(Published more) {
        return new Published(joined(balance, more.balance), joined(sources, more.sources), joined(alerts, more.alerts));
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }
}
