package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.measure.PerceptualHash;
import io.drivetrain.pipeline.measure.QualityFlag;
import io.drivetrain.schemas.Splits;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What the other samples decide about a claim; pure, the operators around it only keep the memory. */
final class StageRules {
    private StageRules() {}

    /**
     * A drive stays in the domain, the split and the order of its frames.
     *
     * @param contradicted the frame that speaks against this one; null if none does
     * @param kept names of attributes that the stages behind need
     */
    static Claim judgeDrive(Claim claim, DriveLedger ledger, FrameOrder.Frame contradicted, Set<String> kept) {
        Findings findings = new Findings();
        String id = Findings.shown(claim.sampleId());
        String drive = Findings.shown(claim.driveId());
        if (ledger.domain() != claim.domain()) {
            findings.add(
                    ViolationCode.DRIVE_IN_TWO_DOMAINS,
                    "domain",
                    claim.domain().name(),
                    "Drive %s belongs to %s since its first sample, sample %s says %s; correct the domain or give these frames a drive id of their own"
                            .formatted(drive, ledger.domain(), id, claim.domain()));
        }
        if (contradicted != null) {
            findings.add(
                    ViolationCode.FRAME_ORDER_BROKEN,
                    "frameIndex",
                    Integer.toString(claim.frameIndex()),
                    "Frame %d of drive %s was captured at %s, which contradicts frame %d at %s of another sample; correct the frame index or the capture time of sample %s"
                            .formatted(
                                    claim.frameIndex(),
                                    drive,
                                    Instant.ofEpochMilli(claim.capturedAt()),
                                    contradicted.index(),
                                    Instant.ofEpochMilli(contradicted.time()),
                                    id));
        }
        if (ledger.embargo() != null) {
            findings.add(ViolationCode.EMBARGOED_DRIVE, "driveId", claim.driveId(), ledger.embargo());
        }
        Map<String, String> attributes = new TreeMap<>(claim.attributes());
        attributes.keySet().retainAll(kept);
        Claim dealt = claim.dealt(ledger.split(), ledger.testDevGeneration(), attributes);
        return findings.isEmpty() ? dealt : dealt.refused(findings.violations(), null);
    }

    /**
     * The same image is in the data once.
     *
     * @param same the sample with exactly these bytes; null if there is none
     */
    static Claim judgeContent(Claim claim, Seen same) {
        if (same == null || same.sampleId().equals(claim.sampleId())) {
            // Sent twice, or sent again after a correction: the identity stage knows which.
            return claim.reservedWith(claim.flags());
        }
        Findings findings = new Findings();
        String id = Findings.shown(claim.sampleId());
        String other = Findings.shown(same.sampleId());
        if (same.label().equals(claim.label())) {
            findings.add(
                    ViolationCode.DUPLICATE_CONTENT,
                    "imageBytes",
                    claim.sha256(),
                    "The image of sample %s is byte for byte that of sample %s (from %s); drop one of them"
                            .formatted(id, other, same.place()));
            return claim.refused(findings.violations(), null);
        }
        findings.add(
                ViolationCode.CONFLICTING_LABELS,
                "label",
                claim.label(),
                "Sample %s is labelled '%s', but sample %s (from %s) with the same image is labelled '%s'; if this one is wrong, drop it; if the admitted one is wrong, send that one corrected, with a label revision above %d (admission.corrections: admit)"
                        .formatted(
                                id,
                                Findings.shown(claim.label()),
                                other,
                                same.place(),
                                Findings.shown(same.label()),
                                same.labelRevision()));
        return claim.refused(findings.violations(), same.ownLabel());
    }

    /**
     * The same picture is never both in train and in a split that examines.
     *
     * @param known the looks that may be near this one
     * @param bits by how many bits of their hashes pictures that look the same may differ
     */
    static Claim judgeLook(Claim claim, Looks known, int bits) {
        Optional<Looks.Known> across = known.across(claim, bits);
        if (across.isPresent()) {
            Looks.Known other = across.get();
            Findings findings = new Findings();
            findings.add(
                    ViolationCode.NEAR_DUPLICATE_ACROSS_SPLITS,
                    "imageBytes",
                    claim.look().text().substring(1),
                    "The image of sample %s, which belongs to %s, looks the same as that of sample %s in %s (%d bits of their hashes differ): the same picture may not both teach and examine; nothing needs to be done"
                            .formatted(
                                    Findings.shown(claim.sampleId()),
                                    Splits.label(claim.split()),
                                    Findings.shown(other.sampleId()),
                                    Splits.label(other.split()),
                                    PerceptualHash.distance(claim.look().hash(), other.hash())));
            return claim.refused(findings.violations(), null);
        }
        String flag = QualityFlag.NEAR_DUPLICATE.label();
        if (claim.flags().contains(flag) || known.beside(claim, bits).isEmpty()) {
            return claim.reservedWith(claim.flags());
        }
        List<String> flags = new ArrayList<>(claim.flags());
        flags.add(flag);
        return claim.reservedWith(flags);
    }

    /**
     * An id names one sample, in its newest revision. A correction is the same frame with a higher one; which revision
     * holds in the end does not depend on the order of arrival.
     *
     * @param before the newest admitted sample with this id; null if there is none
     * @param admitsCorrections if not, revisions are not looked at
     */
    static Claim judgeIdentity(Claim claim, Seen before, boolean admitsCorrections) {
        if (before == null) {
            return claim;
        }
        int newer = admitsCorrections && before.sameFrame(claim)
                ? Integer.compare(claim.labelRevision(), before.labelRevision())
                : 0;
        boolean sameLabel = before.label().equals(claim.label());
        if (newer > 0) {
            return claim.clean()
                    ? claim.correcting(before)
                    : claim.refused(List.of(), sameLabel ? null : before.ownLabel());
        }
        Findings findings = new Findings();
        String id = Findings.shown(claim.sampleId());
        if (newer < 0) {
            findings.add(
                    ViolationCode.DUPLICATE_SAMPLE_ID,
                    "sampleId",
                    claim.sampleId(),
                    "Sample %s was admitted already in label revision %d, from %s, and this is revision %d; nothing needs to be done"
                            .formatted(id, before.labelRevision(), before.place(), claim.labelRevision()));
            return claim.refused(findings.violations(), sameLabel ? null : claim.ownLabel());
        }
        boolean sameImage = before.sha256().equals(claim.sha256());
        if (sameImage && sameLabel && before.annotations() == claim.annotations()) {
            findings.add(
                    ViolationCode.DUPLICATE_SAMPLE_ID,
                    "sampleId",
                    claim.sampleId(),
                    "Sample %s was admitted already, from %s; nothing needs to be done if it was sent twice, otherwise give it an id of its own"
                            .formatted(id, before.place()));
        } else {
            findings.add(
                    ViolationCode.DUPLICATE_ID_DIFFERENT_CONTENT,
                    "sampleId",
                    claim.sampleId(),
                    sameImage
                            ? "Sample %s was admitted already, from %s, with the same image and %s; if the admitted one is wrong, send the correction with the same drive, frame and capture time and a label revision above %d (admission.corrections: admit)"
                                    .formatted(
                                            id,
                                            before.place(),
                                            sameLabel ? "other boxes or attributes" : "another label",
                                            before.labelRevision())
                            : "Sample %s was admitted already, from %s, with another image; give this one an id of its own"
                                    .formatted(id, before.place()));
        }
        // Under an id that is used twice, another picture with another label contradicts nobody.
        return claim.refused(findings.violations(), sameImage && !sameLabel ? before.ownLabel() : null);
    }
}
