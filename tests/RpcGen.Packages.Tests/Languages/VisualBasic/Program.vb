Imports System
Imports System.Collections.Generic
Imports System.Globalization
Imports System.Linq
Imports System.Threading
Imports System.Threading.Tasks
Imports Languages.Contracts
Imports RpcGen

Public Class Calculator
    Inherits CalculatorBase

    Public Overrides Function AddAsync(a As Integer, b As Integer, Optional cancellationToken As CancellationToken = Nothing) As Task(Of Integer)
        If a + b > 100 Then Throw New TooLargeException("The sum is too large.", 100)
        Return Task.FromResult(a + b)
    End Function

    Public Overrides Function AverageAsync(numbers As IReadOnlyList(Of Double), Optional cancellationToken As CancellationToken = Nothing) As ValueTask(Of Double?)
        If numbers.Count = 0 Then Return New ValueTask(Of Double?)(CType(Nothing, Double?))
        Return New ValueTask(Of Double?)(numbers.Average())
    End Function
End Class

Public Module Program
    Public Sub Main()
        RunAsync().GetAwaiter().GetResult()
    End Sub

    Private Async Function RunAsync() As Task
        Dim connection = Await RpcConnection.ConnectAsync("memory://visualbasic")
        Dim server = Await connection.ServeAsync(Of ICalculator)(New Calculator())
        Dim calculator = connection.CreateClient(Of ICalculator)()
        Dim sum = Await calculator.AddAsync(2, 3)
        Dim average = Await calculator.AverageAsync({1.0, 2.0})
        Dim none = Await calculator.AverageAsync(Array.Empty(Of Double)())
        Dim limit = 0
        Try
            Await calculator.AddAsync(99, 2)
        Catch e As TooLargeException
            limit = e.Limit
        End Try

        Console.WriteLine(String.Format(CultureInfo.InvariantCulture, "{0} {1:F1} {2} {3}", sum, average, none.HasValue.ToString().ToLowerInvariant(), limit))
        Await server.DisposeAsync()
        Await connection.DisposeAsync()
    End Function
End Module
