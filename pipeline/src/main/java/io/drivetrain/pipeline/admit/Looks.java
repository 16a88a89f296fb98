package io.drivetrain.pipeline.admit;

import io.drivetrain.pipeline.measure.PerceptualHash;
import io.drivetrain.pipeline.route.BinaryForm;
import io.drivetrain.schemas.Split;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The looks that agree in one band, the oldest first, each once a side. Beyond {@value #MOST} the oldest is forgotten, in
 * this band only.
 */
public record Looks(List<Known> known) {
    static final int MOST = 512;
    static final Looks NONE = new Looks(List.of());

    public Looks {
        known = List.copyOf(known);
    }

    /**
     * A look that is taken for one side.
     *
     * @param sampleId who had it first there
     * @param split of that sample
     */
    public record Known(long hash, Split split, String sampleId, Holders holders) {
        private boolean teaches() {
            return Seen.teaches(split);
        }
    }

    /** The first look near this one that is taken for the other side. */
    Optional<Known> across(Claim claim, int bits) {
        boolean teaches = Seen.teaches(claim.split());
        return first(claim, bits, look -> look.teaches() != teaches);
    }

    /** The first look near this one, of another sample of the same side. */
    Optional<Known> beside(Claim claim, int bits) {
        boolean teaches = Seen.teaches(claim.split());
        return first(claim, bits, look -> look.teaches() == teaches && !look.sampleId.equals(claim.sampleId()));
    }

    private Optional<Known> first(Claim claim, int bits, Predicate<Known> condition) {
        long hash = claim.look().hash();
        return known.stream()
                .filter(look -> PerceptualHash.distance(look.hash, hash) <= bits)
                .filter(condition)
                .findFirst();
    }

    Looks with(Claim claim) {
        long hash = claim.look().hash();
        boolean teaches = Seen.teaches(claim.split());
        List<Known> more = new ArrayList<>(known);
        for (int i = 0; i < more.size(); i++) {
            Known look = more.get(i);
            if (look.hash == hash && look.teaches() == teaches) {
                more.set(i, new Known(hash, look.split, look.sampleId, look.holders.with(claim.holder())));
                return new Looks(more);
            }
        }
        more.add(new Known(hash, claim.split(), claim.sampleId(), Holders.of(claim.holder())));
        return new Looks(more.size() > MOST ? more.subList(1, more.size()) : more);
    }

    Looks without(Release release) {
        return new Looks(known.stream()
                .map(look -> look.hash == release.look().hash()
                        ? new Known(look.hash, look.split, look.sampleId, look.holders.without(release.holder()))
                        : look)
                .filter(look -> !look.holders.free())
                .toList());
    }

    /** In state. */
    public enum Form implements BinaryForm<Looks> {
        LOOKS;

        @Override
        public Class<Looks> type() {
            return Looks.class;
        }

        @Override
        public void write(Looks value, DataOutput out) throws IOException {
            out.writeShort(value.known.size());
            for (Known look : value.known) {
                out.writeLong(look.hash);
                out.writeByte(look.split.ordinal());
                BinaryForm.writeText(look.sampleId, out);
                look.holders.write(out);
            }
        }

        @Override
        public Looks read(DataInput in) throws IOException {
            int count = in.readShort();
            List<Known> known = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                known.add(new Known(
                        in.readLong(), Split.values()[in.readByte()], BinaryForm.readText(in), Holders.read(in)));
            }
            return new Looks(known);
        }
    }
}
