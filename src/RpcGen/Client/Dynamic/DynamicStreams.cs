using System.Text;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;

namespace RpcGen.Client.Dynamic;

/// <summary>The streams that a dynamic call sends, and the progress that it takes. Filled before the call, and immutable from then on.</summary>
/// <param name="json">The JSON metadata.</param>
/// <param name="items">Items that are JSON of any type.</param>
internal sealed class DynamicStreams(RpcJson json, RpcItems<ReadOnlyMemory<byte>> items)
{
    /// <summary>A message of a stream has the name of its parameter behind its kind, in 255 bytes.</summary>
    private const int MaxNameBytes = 240;

    private readonly List<RpcProperty> _parameters = [];
    private readonly List<Action<RpcStreamSources>> _offers = [];

    /// <summary>One parameter for each stream and each progress.</summary>
    public IReadOnlyList<RpcProperty> Parameters => _parameters;

    /// <summary>Items that are JSON of any type.</summary>
    public static RpcItems<ReadOnlyMemory<byte>> CreateItems(RpcJson json) =>
        new(json, JsonMetadataServices.CreateValueInfo<ReadOnlyMemory<byte>>(json.Options, new RawJsonConverter()));

    /// <summary>Adds streams of items, by parameter.</summary>
    /// <exception cref="ArgumentException">A name cannot be that of a parameter, or is used twice; or a source is null. Likewise for the other methods.</exception>
    public void Add(IReadOnlyDictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>> sources)
    {
        foreach ((string name, IAsyncEnumerable<ReadOnlyMemory<byte>> source) in sources)
        {
            Add(source, new RpcStreamProperty<ReadOnlyMemory<byte>>(name, items));
        }
    }

    /// <summary>Adds streams of bytes, by parameter.</summary>
    public void Add(IReadOnlyDictionary<string, Stream> sources)
    {
        foreach ((string name, Stream source) in sources)
        {
            Add(source, new RpcByteStreamProperty(name, new RpcByteItems(json)));
        }
    }

    /// <summary>Adds what takes progress, by parameter.</summary>
    public void Add(IReadOnlyDictionary<string, IProgress<ReadOnlyMemory<byte>>> all)
    {
        foreach ((string name, IProgress<ReadOnlyMemory<byte>> progress) in all)
        {
            Add(progress, new RpcProgressProperty<ReadOnlyMemory<byte>>(name, items));
        }
    }

    /// <summary>Passes all sources on.</summary>
    public void Offer(RpcStreamSources sources)
    {
        foreach (Action<RpcStreamSources> offer in _offers)
        {
            offer(sources);
        }
    }

    private void Add<T>(T source, RpcProperty<T> parameter)
    {
        if (source is null)
        {
            throw new ArgumentException($"The stream or progress of the parameter '{parameter.Name}' is null.", nameof(source));
        }

        if (Encoding.UTF8.GetByteCount(parameter.Name) is 0 or > MaxNameBytes)
        {
            throw new ArgumentException($"'{parameter.Name}' cannot be the name of a parameter: names have at least 1 and at most {MaxNameBytes} bytes.", nameof(parameter));
        }

        if (_parameters.Exists(other => other.Name == parameter.Name))
        {
            throw new ArgumentException($"The parameter '{parameter.Name}' is given twice.", nameof(parameter));
        }

        _parameters.Add(parameter);
        _offers.Add(sources => parameter.Offer(source, sources));
    }
}
