package wire

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

var update = flag.Bool("update", false, "write testdata/v1 for messages that are not there yet")

// populate gives every field of a message a value of its own.
func populate(m protoreflect.Message, n *int) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		switch {
		case f.IsMap():
			m.Mutable(f).Map().Set(protoreflect.ValueOfString("token").MapKey(), protoreflect.ValueOfBytes([]byte("value\xff")))
		case f.IsList() && f.Kind() == protoreflect.MessageKind:
			populate(m.Mutable(f).List().AppendMutable().Message(), n)
			populate(m.Mutable(f).List().AppendMutable().Message(), n)
		case f.IsList():
			m.Mutable(f).List().Append(scalar(f, n))
			m.Mutable(f).List().Append(scalar(f, n))
		case f.Kind() == protoreflect.MessageKind:
			populate(m.Mutable(f).Message(), n)
		default:
			m.Set(f, scalar(f, n))
		}
	}
}

func scalar(f protoreflect.FieldDescriptor, n *int) protoreflect.Value {
	*n++
	switch f.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.EnumKind:
		return protoreflect.ValueOfEnum(3)
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(string(f.Name()))
	case protoreflect.BytesKind:
		return protoreflect.ValueOfBytes([]byte(f.Name() + "\xff"))
	case protoreflect.Uint32Kind:
		return protoreflect.ValueOfUint32(uint32(*n))
	case protoreflect.Uint64Kind:
		return protoreflect.ValueOfUint64(uint64(*n))
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(int32(*n))
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(int64(*n))
	default:
		panic("the corpus knows no " + f.Kind().String())
	}
}

// The messages of version 1 as they were first written are read for good, and
// say what they said then: a binary that was built with this version is never
// misunderstood. -update adds what is new and changes nothing that is there.
func TestGolden(t *testing.T) {
	messages := File_mooring_plugin_v1_plugin_proto.Messages()
	for i := range messages.Len() {
		d := messages.Get(i)
		t.Run(string(d.Name()), func(t *testing.T) {
			octets, text := filepath.Join("testdata", "v1", string(d.Name())+".binpb"), filepath.Join("testdata", "v1", string(d.Name())+".json")
			typ, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(octets); os.IsNotExist(err) && *update {
				first(t, typ.New(), octets, text)
			}
			data, err := os.ReadFile(octets)
			if err != nil {
				t.Fatalf("%v: a message without a golden file; -update writes it", err)
			}
			said, err := os.ReadFile(text)
			if err != nil {
				t.Fatal(err)
			}
			got, want := typ.New().Interface(), typ.New().Interface()
			if err := proto.Unmarshal(data, got); err != nil {
				t.Fatal(err)
			}
			if err := protojson.Unmarshal(said, want); err != nil {
				t.Fatal(err)
			}
			if !proto.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			if len(got.ProtoReflect().GetUnknown()) > 0 {
				t.Error("a field of version 1 is no longer known")
			}
			translated(t, got)
		})
	}
}

// first writes the golden files of a message.
func first(t *testing.T, m protoreflect.Message, octets, text string) {
	t.Helper()
	n := 0
	populate(m, &n)
	data, err := proto.MarshalOptions{Deterministic: true}.Marshal(m.Interface())
	if err != nil {
		t.Fatal(err)
	}
	said, err := protojson.MarshalOptions{Multiline: true, Indent: "\t"}.Marshal(m.Interface())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(octets), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{octets: data, text: append(said, '\n')} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// translated takes a message to our types and back.
func translated(t *testing.T, m proto.Message) {
	t.Helper()
	var back proto.Message
	switch m := m.(type) {
	case *Record:
		back = recordTo(recordFrom(m))
	case *Edit:
		back = editTo(editFrom(m))
	case *Zone:
		back = zoneTo(zoneFrom(m))
	case *Info:
		back = infoTo(infoFrom(m))
	case *DescribeResponse:
		back = descriptionTo(descriptionFrom(m))
	default:
		return
	}
	if !proto.Equal(m, back) {
		t.Errorf("got %v, want %v", back, m)
	}
}
