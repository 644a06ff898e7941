internal abstract class OrdersBase : global::Demo.Outer.IOrders
    {
        /// <inheritdoc/>
        public abstract global::System.Threading.Tasks.ValueTask<int> AddAsync(int a, global::System.DayOfWeek day = (global::System.DayOfWeek)(5), decimal price = 1.5M, string? note = null, global::System.Threading.CancellationToken cancellationToken = default);

        /// <inheritdoc/>
        public abstract global::System.Threading.Tasks.Task SetAsync(string @class, global::System.Threading.CancellationToken token, params int[] rest);

        /// <inheritdoc/>
        public abstract global::System.Threading.Tasks.Task DoAsync(global::System.Threading.CancellationToken cancellationToken);

        /// <inheritdoc/>
        public abstract global::System.Threading.Tasks.Task<string?> ReadAsync(string id, global::System.Threading.CancellationToken cancellationToken = default);
    }
}
