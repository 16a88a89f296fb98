package io.drivetrain.pipeline.admit;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * For which claims something is reserved. Beyond {@value #MOST} it is kept for good: who else holds it is not known then.
 *
 * @param claims as {@link Claim#holder} says; empty if it is kept for good
 */
record Holders(List<Long> claims, boolean forGood) {
    private static final int MOST = 4;

    Holders {
        claims = List.copyOf(claims);
    }

    static Holders of(long claim) {
        return new Holders(List.of(claim), false);
    }

    Holders with(long claim) {
        if (forGood || claims.contains(claim)) {
            return this;
        }
        if (claims.size() == MOST) {
            return new Holders(List.of(), true);
        }
        List<Long> more = new ArrayList<>(claims);
        more.add(claim);
        return new Holders(more, false);
    }

    Holders without(long claim) {
        return claims.contains(claim)
                ? new Holders(claims.stream().filter(held -> held != claim).toList(), false)
                : this;
    }

    /** Whether nobody holds it. */
    boolean free() {
        return claims.isEmpty() && !forGood;
    }

    void write(DataOutput out) throws IOException {
        out.writeBoolean(forGood);
        out.writeByte(claims.size());
        for (long claim : claims) {
            out.writeLong(claim);
        }
    }

    static Holders read(DataInput in) throws IOException {
        boolean forGood = in.readBoolean();
        List<Long> claims = new ArrayList<>(1);
        for (int left = in.readByte(); left > 0; left--) {
            claims.add(in.readLong());
        }
        return new Holders(claims, forGood);
    }
}
