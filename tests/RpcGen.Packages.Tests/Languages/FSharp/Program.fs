module Program

open System.Linq
open System.Threading.Tasks
open Languages.Contracts
open RpcGen

type Calculator() =
    inherit CalculatorBase()

    override _.AddAsync(a, b, _) =
        if a + b > 100 then
            raise (TooLargeException("The sum is too large.", 100))

        Task.FromResult(a + b)

    override _.AverageAsync(numbers, _) =
        ValueTask<System.Nullable<double>>(if numbers.Count = 0 then System.Nullable() else System.Nullable(numbers.Average()))

let run () =
    task {
        use! connection = RpcConnection.ConnectAsync("memory://fsharp")
        let! server = connection.ServeAsync<ICalculator>(Calculator())
        let calculator = connection.CreateClient<ICalculator>()
        let! sum = calculator.AddAsync(2, 3)
        let! average = calculator.AverageAsync([| 1.0; 2.0 |])
        let! none = calculator.AverageAsync([||])

        let! limit =
            task {
                try
                    let! _ = calculator.AddAsync(99, 2)
                    return 0
                with :? TooLargeException as e ->
                    return e.Limit
            }

        printfn "%d %.1f %b %d" sum average.Value none.HasValue limit
        do! server.DisposeAsync()
    }

run().Wait()
