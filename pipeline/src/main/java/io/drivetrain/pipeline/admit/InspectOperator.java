package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.route.SourceToSinkType;
import io.drivetrain.schemas.CuratedSample;
import io.drivetrain.schemas.DrivetrainConfig;
import io.drivetrain.schemas.Wire;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Checks, decodes and measures every record where it was read. Main output: the record with its image, for the same
 * subtask of {@link SettleOperator}; side output: the claims of those that are good by themselves.
 */
public final class InspectOperator extends ProcessFunction<RawRecord, Inspected> {
    /** What the stages judge. */
    public static final OutputTag<Claim> CLAIMS = new OutputTag<>("claims", SourceToSinkType.of(Claim.Form.CLAIM));

    private static final long serialVersionUID = 1L;

    private final DrivetrainConfig config;

    private transient AdmissionRules rules;
    private transient AnnouncementSource announcements;
    private transient int subtask;
    private transient String run;

    public InspectOperator(DrivetrainConfig config) {
        this.config = config;
    }

    @Override
    public void open(OpenContext context) {
        rules = new AdmissionRules(config);
        announcements = new AnnouncementSource(config);
        subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        run = UUID.randomUUID().toString();
    }

    @Override
    public void processElement(RawRecord raw, Context context, Collector<Inspected> out) {
        Instant now = Instant.ofEpochMilli(context.timerService().currentProcessingTime());
        Wire.unknownSchema(raw.value()).ifPresent(announcements::lookFor);
        Inspected inspected = rules.inspect(raw, now);
        if (inspected.clean()) {
            context.output(CLAIMS, claim(raw.place(), inspected.draft()));
        }
        out.collect(inspected);
    }

    private Claim claim(String place, CuratedSample draft) {
        return new Claim(
                subtask,
                run,
                place,
                draft.getSampleId(),
                draft.getDriveId(),
                draft.getFrameIndex(),
                draft.getCapturedAt().toEpochMilli(),
                draft.getDomain(),
                draft.getLabel(),
                draft.getLabelSource(),
                draft.getLabelRevision(),
                draft.getAttributes(),
                draft.getImageSha256(),
                AnnotationDigest.of(draft.getBoxes(), draft.getAttributes()),
                draft.getPerceptualHash(),
                null,
                null,
                List.of(),
                List.of(),
                null,
                null,
                false);
    }

    @Override
    public void close() {
        if (rules != null) {
            rules.close();
        }
        if (announcements != null) {
            announcements.close();
        }
    }
}
