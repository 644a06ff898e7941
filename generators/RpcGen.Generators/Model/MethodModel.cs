namespace RpcGen.Generators.Model;

/// <summary>A remote method.</summary>
internal sealed record MethodModel
{
    /// <summary>The method's identifier in C#.</summary>
    public required string Name { get; init; }

    /// <summary>The method's name on the wire.</summary>
    public required string WireName { get; init; }

    /// <summary>The interface methods that the proxy implements: the method itself, then those of base interfaces that it hides.</summary>
    public required EquatableArray<ImplementationModel> Implementations { get; init; }

    /// <summary>Whether the service is called as the contract, rather than as the base interface that declares the method.</summary>
    public required bool IsCalledDirectly { get; init; }

    /// <summary>The nested class that describes the method: <c>FibonacciMethod</c>.</summary>
    public required string ClassName { get; init; }

    /// <summary>The proxy's field for the method: <c>_fibonacci</c>.</summary>
    public required string FieldName { get; init; }

    /// <summary>The return type: <c>global::System.Threading.Tasks.Task&lt;long&gt;</c>.</summary>
    public required string ReturnType { get; init; }

    /// <summary>The type of the result: <c>long</c>; null for a method without a result.</summary>
    public required string? ResultType { get; init; }

    /// <summary>Whether the method returns <c>Task</c> or a stream rather than <c>ValueTask</c>.</summary>
    public required bool ReturnsTask { get; init; }

    /// <summary>The stream that the method returns; null if it returns a task.</summary>
    public StreamModel? Stream { get; init; }

    /// <summary>The stream of bytes that the method returns in a task; null for others.</summary>
    public StreamModel? Bytes { get; init; }

    /// <summary>All parameters, including the cancellation token.</summary>
    public required EquatableArray<ParameterModel> Parameters { get; init; }

    public int? TimeoutMilliseconds { get; init; }

    /// <summary>How requests are delivered, and who can send them.</summary>
    public DeliveryModel Delivery { get; init; } = DeliveryModel.Default;

    public bool IsObsolete { get; init; }

    /// <summary>The class names of the method's faults, the most derived exception first.</summary>
    public EquatableArray<string> Faults { get; init; }

    /// <summary>The parameters without the cancellation token.</summary>
    public IEnumerable<ParameterModel> Arguments => Parameters.Where(p => !p.IsToken);

    /// <summary>The cancellation token; null if the method takes none.</summary>
    public ParameterModel? Token => Parameters.FirstOrDefault(p => p.IsToken);
}

/// <summary>A method as one interface declares it.</summary>
/// <param name="Interface">The interface.</param>
/// <param name="ReturnType">The return type, with that interface's nullable annotations.</param>
/// <param name="ParameterTypes">The types of all parameters, likewise.</param>
internal sealed record ImplementationModel(string Interface, string ReturnType, EquatableArray<string> ParameterTypes);
