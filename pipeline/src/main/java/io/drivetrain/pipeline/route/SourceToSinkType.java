package io.drivetrain.pipeline.route;

import java.io.IOException;
import java.util.Objects;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * Tells Flink how records travel from the sources to the sinks: by reference within a thread, because they are
 * immutable, and in their {@link BinaryForm} between threads, never by Kryo.
 */
public final class SourceToSinkType<T> extends TypeInformation<T> {
    private static final long serialVersionUID = 1L;

    private final BinaryForm<T> form;

    private SourceToSinkType(BinaryForm<T> form) {
        this.form = form;
    }

    public static <T> SourceToSinkType<T> of(BinaryForm<T> form) {
        return new SourceToSinkType<>(form);
    }

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return 1;
    }

    @Override
    public Class<T> getTypeClass() {
        return form.type();
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public TypeSerializer<T> createSerializer(SerializerConfig config) {
        return new Serializer<>(form);
    }

    @Override
    public String toString() {
        return "SourceToSinkType<" + form.type().getSimpleName() + ">";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SourceToSinkType<?> type && type.form.equals(form);
    }

    @Override
    public int hashCode() {
        return form.type().hashCode();
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof SourceToSinkType;
    }

    private static final class Serializer<T> extends TypeSerializer<T> {
        private static final long serialVersionUID = 1L;

        private final BinaryForm<T> form;

        Serializer(BinaryForm<T> form) {
            this.form = form;
        }

        @Override
        public boolean isImmutableType() {
            return true;
        }

        @Override
        public TypeSerializer<T> duplicate() {
            return this;
        }

        @Override
        public T createInstance() {
            return null;
        }

        @Override
        public T copy(T from) {
            return from;
        }

        @Override
        public T copy(T from, T reuse) {
            return from;
        }

        @Override
        public int getLength() {
            return -1;
        }

        @Override
        public void serialize(T value, DataOutputView target) throws IOException {
            form.write(value, target);
        }

        @Override
        public T deserialize(DataInputView source) throws IOException {
            return form.read(source);
        }

        @Override
        public T deserialize(T reuse, DataInputView source) throws IOException {
            return form.read(source);
        }

        @Override
        public void copy(DataInputView source, DataOutputView target) throws IOException {
            form.write(form.read(source), target);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Serializer<?> serializer && serializer.form.equals(form);
        }

        @Override
        public int hashCode() {
            return form.type().hashCode();
        }

        @Override
        public TypeSerializerSnapshot<T> snapshotConfiguration() {
            return new Snapshot<>(form);
        }
    }

    /** Names the form in a checkpoint; Flink creates it by its public constructor. */
    public static final class Snapshot<T> implements TypeSerializerSnapshot<T> {
        private static final int VERSION = 1;

        private BinaryForm<T> form;

        /** For Flink, which then calls {@link #readSnapshot}. */
        public Snapshot() {}

        Snapshot(BinaryForm<T> form) {
            this.form = form;
        }

        @Override
        public int getCurrentVersion() {
            return VERSION;
        }

        @Override
        public void writeSnapshot(DataOutputView out) throws IOException {
            out.writeUTF(form.getClass().getName());
        }

        @Override
        @SuppressWarnings("unchecked") // The class was written by writeSnapshot, next to records of type T.
        public void readSnapshot(int readVersion, DataInputView in, ClassLoader classes) throws IOException {
            String name = in.readUTF();
            try {
                form = (BinaryForm<T>) Class.forName(name, true, classes).getEnumConstants()[0];
            } catch (ClassNotFoundException e) {
                throw new IOException(
                        "The checkpoint holds records of form %s, which this version does not know; resume with the version that wrote it"
                                .formatted(name),
                        e);
            }
        }

        @Override
        public TypeSerializer<T> restoreSerializer() {
            return new Serializer<>(Objects.requireNonNull(form, "readSnapshot comes first"));
        }

        @Override
        public TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(TypeSerializerSnapshot<T> old) {
            return old instanceof Snapshot<T> before && before.form.equals(form)
                    ? TypeSerializerSchemaCompatibility.compatibleAsIs()
                    : TypeSerializerSchemaCompatibility.incompatible();
        }
    }
}
