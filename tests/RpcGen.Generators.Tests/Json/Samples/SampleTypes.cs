using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace RpcGen.Samples;

// Shapes of data types, for Samples.cs. A test compiles both files: they are not part of the test project.
public record Positional(int Id, string? Name);
public record WithInit { public int Id { get; init; } public List<string> Tags { get; init; } = []; }
public class Settable { public int Id { get; set; } public Settable? Next { get; set; } }
public class PrivateSetter { public int Id { get; private set; } public PrivateSetter() { } public static PrivateSetter Make() => new() { Id = 5 }; }
public class InternalSetter { public int Id { get; internal set; } }
public class IncludedSetter { [JsonInclude] public int Id { get; private set; } public static IncludedSetter Make() => new() { Id = 5 }; }
public class GetOnlyList { public List<string> Tags { get; } = []; }
public class PopulatedList { [JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)] public List<string> Tags { get; } = []; }
[JsonObjectCreationHandling(JsonObjectCreationHandling.Populate)] public class PopulatedType { public List<string> Tags { get; } = []; public Dictionary<string, int> Map { get; } = []; }
public class GetOnlyConstant { public string Kind { get; } = "card"; public int Version { get; } = -1; public int N { get; set; } }
public class GetOnlyRandom { public Guid Id { get; } = Guid.NewGuid(); public int N { get; set; } }
public class ConstantThatIsAssigned { public string Kind { get; } = "card"; public ConstantThatIsAssigned() { } private ConstantThatIsAssigned(string kind) => Kind = kind; public static ConstantThatIsAssigned Make() => new("other"); }
public class FieldBacked { private readonly List<string> _tags = []; public IReadOnlyList<string> Tags => _tags; public static FieldBacked Make() { var made = new FieldBacked(); made._tags.Add("a"); return made; } }
public class FieldBackedBlock { private int _n; public int N { get { return this._n; } } public static FieldBackedBlock Make() => new() { _n = 5 }; }
public class FieldThroughCtor(int n) { private readonly int _n = n; public int N => _n; }
public class FieldThroughOldCtor { private readonly int _n; public FieldThroughOldCtor(int n) => _n = n; public int N => _n; }
public class FullProperty { private int _n; public int N { get => _n; set => _n = value; } public int Twice => _n * 2; }
public class Calculated { public int A { get; set; } public int B { get; set; } public int Sum => A + B; }
public class CalculatedCache { public int A { get; set; } private string? _text; public string Text => _text ??= A.ToString(System.Globalization.CultureInfo.InvariantCulture); }
public class CalculatedNext { public List<CalculatedNext> Items { get; set; } = []; public CalculatedNext? First => Items.FirstOrDefault(); }
public record Endless(double Degrees) { public Endless Opposite => new(Degrees + 180); }
public class PublicField { public int N; public int M { get; set; } }
public class IncludedField { [JsonInclude] public int N; }
public class IncludedReadOnlyField { [JsonInclude] public readonly int N; public IncludedReadOnlyField() { } private IncludedReadOnlyField(int n) => N = n; public static IncludedReadOnlyField Make() => new(5); }
public class IgnoredField { [JsonIgnore] public int N; public int M { get; set; } }
public readonly struct TypedId { public TypedId(Guid value) => Value = value; public Guid Value { get; } }
public readonly struct MarkedId { [JsonConstructor] public MarkedId(Guid value) => Value = value; public Guid Value { get; } }
public readonly record struct RecordId(Guid Value);
public readonly struct PrimaryId(int value) { public int Value => value; }
public struct SettableStruct { public int X { get; set; } public int Y { get; set; } }
public struct FieldStruct { public int X; public int Y; }
public class Nested { public TypedId Id { get; set; } public List<TypedId> Ids { get; set; } = []; }
public class NestedRight { public RecordId Id { get; set; } public Dictionary<string, RecordId?> Ids { get; set; } = []; }
public class PrivateConstructor { private PrivateConstructor() { } public int N { get; set; } public static PrivateConstructor Make() => new() { N = 5 }; }
public class MarkedPrivateConstructor { [JsonConstructor] private MarkedPrivateConstructor() { } public int N { get; set; } public static MarkedPrivateConstructor Make() => new() { N = 5 }; }
public class SeveralConstructors { public SeveralConstructors(int n) => N = n; public SeveralConstructors(int n, int m) => (N, M) = (n, m); public int N { get; } public int M { get; } }
public class SeveralWithDefault { public SeveralWithDefault() { } public SeveralWithDefault(int n) => N = n; public int N { get; set; } }
public class SeveralMarked { [JsonConstructor] public SeveralMarked() { } [JsonConstructor] public SeveralMarked(int n) => N = n; public int N { get; set; } }
public class SeveralOneMarked { public SeveralOneMarked(int n) => N = n; [JsonConstructor] public SeveralOneMarked(int n, int m) => (N, M) = (n, m); public int N { get; } public int M { get; } }
public class Unmatched { public Unmatched(int number) => N = number; public int N { get; } }
public class UnmatchedType { public UnmatchedType(IEnumerable<int> items) => Items = [.. items]; public IReadOnlyList<int> Items { get; } }
public class MatchedCase { public MatchedCase(int ID) => Id = ID; public int Id { get; } }
public class MatchedIgnored { public MatchedIgnored(int n) => N = n; [JsonIgnore] public int N { get; } public int M { get; set; } }
public class MatchedPrivate { public MatchedPrivate(int n) => N = n; private int N { get; } public int M { get; set; } }
public class MatchedField { public MatchedField(int n) => N = n; public readonly int N; }
public class MatchedIncludedField { public MatchedIncludedField(int n) => N = n; [JsonInclude] public readonly int N; }
public class MatchedNullable { public MatchedNullable(int n) => N = n; public int? N { get; } }
public class RecordWithExtra(int id) { public int Id { get; } = id; public int Extra { get; set; } }
public class ClashByCase { public int Id { get; set; } public int ID { get; set; } }
public class ClashByAttribute { public int Id { get; set; } [JsonPropertyName("id")] public int Number { get; set; } }
public class ClashIgnored { public int Id { get; set; } [JsonIgnore] public int ID { get; set; } }
public class ClashBase { public int Id { get; set; } }
public class ClashDerived : ClashBase { public int ID { get; set; } }
public class HidesBase : ClashBase { public new string? Id { get; set; } }
public class VirtualBase { public virtual int N { get; set; } }
public class OverridesGetter : VirtualBase { public override int N { get; set; } }
public class RequiredIgnored { [JsonIgnore] public required int N { get; set; } }
public class RequiredReadOnly { [JsonRequired] public int N { get; } public int M { get; set; } }
public class RequiredParameter(int n) { [JsonRequired] public int N { get; } = n; }
public class RequiredFine { public required int N { get; init; } }
public class RequiredBySetsAll { [SetsRequiredMembers] public RequiredBySetsAll() { } public required int N { get; set; } [JsonIgnore] public required int M { get; set; } = 0; }
[JsonDerivedType(typeof(Circle), "circle")] public abstract class Shape { public int N { get; set; } }
public class Circle : Shape { public int R { get; set; } }
[JsonDerivedType(typeof(Kinded), "k")] [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")] public class Kinds { public int N { get; set; } }
public class Kinded : Kinds { public int R { get; set; } }
[JsonDerivedType(typeof(ClashingKinded), "k")] [JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")] public class ClashingKinds { public string? Kind { get; set; } }
public class ClashingKinded : ClashingKinds { public int R { get; set; } }
[JsonDerivedType(typeof(Thing), "t")] public interface IThing { int N { get; } }
public class Thing : IThing { public int N { get; set; } }
public abstract class Abstract { public int N { get; set; } }
public class AbstractChild : Abstract;
public interface IPlain { int N { get; } }
public class Plain : IPlain { public int N { get; set; } }
public class HoldsInterface { public IPlain? Value { get; set; } }
public class GetterOfInterface { public int N { get; set; } public IPlain Value => new Plain { N = N }; }
public class GetterOfType { public Type Kind => GetType(); public int N { get; set; } }
public class HoldsAction { public Action? Done { get; set; } }
public class IgnoresAction { [JsonIgnore] public Action? Done { get; set; } public int N { get; set; } }
public class HoldsTuple { public (int A, string B) Pair { get; set; } }
public class HoldsObject { public object? Anything { get; set; } }
public class Page : List<string> { public int Total { get; set; } }
public class PlainPage : List<string>;
public class OwnCollection : ICollection<int> { private readonly List<int> _items = []; public int Count => _items.Count; public bool IsReadOnly => false; public void Add(int item) => _items.Add(item); public void Clear() => _items.Clear(); public bool Contains(int item) => _items.Contains(item); public void CopyTo(int[] array, int arrayIndex) => _items.CopyTo(array, arrayIndex); public bool Remove(int item) => _items.Remove(item); public IEnumerator<int> GetEnumerator() => _items.GetEnumerator(); IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator(); }
[JsonDerivedType(typeof(Series), "s")] public interface ISeries : IEnumerable<long>;
public class Series : List<long>, ISeries;
public class OwnEnumerable : IEnumerable<int> { public IEnumerator<int> GetEnumerator() => Enumerable.Range(1, 2).GetEnumerator(); IEnumerator IEnumerable.GetEnumerator() => GetEnumerator(); }
public class ClosedList(int capacity) : List<int>(capacity);
public class ExtensionData { public int N { get; set; } [JsonExtensionData] public Dictionary<string, JsonElement>? More { get; set; } }
public class PrivateGetter { public int N { private get; set; } public static int Read(PrivateGetter of) => of.N; }
public class OneWay { [JsonIgnore(Condition = JsonIgnoreCondition.WhenWriting)] public int N { get; set; } public int M { get; set; } }
public class WhenNull { [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? N { get; set; } }
public class PrivateIncluded { [JsonInclude] private int N { get; set; } public static PrivateIncluded Make() => new() { N = 5 }; }
public class Generic<T> { public T? Value { get; set; } }
public class GenericLost<T> { public T? Value { get; private set; } public static GenericLost<T> Make(T value) => new() { Value = value }; }
public class Base { public int B { get; protected set; } public static Derived Make() => new() { B = 5, D = 6 }; }
public class Derived : Base { public int D { get; set; } }
public class FieldKeyword { public string Text { get => field ?? "none"; set; } = null!; }
public class FieldKeywordGetter { public FieldKeywordGetter() { } private FieldKeywordGetter(int n) => N = n; public int N { get => field + 0; } public static FieldKeywordGetter Make() => new(5); }
[JsonConverter(typeof(JsonStringEnumConverter<Colour>))] public enum Colour { None, Red }
public class Converted { [JsonConverter(typeof(JsonStringEnumConverter<Colour>))] public Colour Colour { get; set; } public Dictionary<Colour, int> Map { get; set; } = []; }
public class SelfList { public List<SelfList> Children { get; set; } = []; }
public record struct MutableRecord(int X, int Y);
public record Inherits(int Id, string? Name, int More) : Positional(Id, Name);
public record WithLostExtra(int Id) { public List<int> Extra { get; } = []; }
public class ExplicitOnly : IPlain { int IPlain.N => 5; public int M { get; set; } }
