import type { TableSchema } from './schema.js'

type Features = TableSchema['features']

const category = (name: string, ...values: string[]): Features[number] => ({
  name,
  kind: 'category',
  values,
  closed: true,
  blank: false,
})

const internetService = (name: string): Features[number] => category(name, 'No', 'Yes', 'No internet service')

/** The columns of the Telco Customer Churn table, the default when no `schema` is named. */
export const TELCO_SCHEMA: TableSchema = {
  name: 'telco-customer-churn',
  id: 'customerID',
  date: null,
  target: { column: 'Churn', positive: 'Yes', negative: 'No' },
  features: [
    category('gender', 'Female', 'Male'),
    { name: 'SeniorCitizen', kind: 'number', integer: true, minimum: 0, maximum: 1, blank: false },
    category('Partner', 'No', 'Yes'),
    category('Dependents', 'No', 'Yes'),
    { name: 'tenure', kind: 'number', integer: true, minimum: 0, blank: false },
    category('PhoneService', 'No', 'Yes'),
    category('MultipleLines', 'No', 'Yes', 'No phone service'),
    category('InternetService', 'DSL', 'Fiber optic', 'No'),
    internetService('OnlineSecurity'),
    internetService('OnlineBackup'),
    internetService('DeviceProtection'),
    internetService('TechSupport'),
    internetService('StreamingTV'),
    internetService('StreamingMovies'),
    category('Contract', 'Month-to-month', 'One year', 'Two year'),
    category('PaperlessBilling', 'No', 'Yes'),
    category(
      'PaymentMethod',
      'Electronic check',
      'Mailed check',
      'Bank transfer (automatic)',
      'Credit card (automatic)',
    ),
    { name: 'MonthlyCharges', kind: 'number', integer: false, minimum: 0, blank: false },
    // Blank for the customers in their first month, whose tenure is 0.
    { name: 'TotalCharges', kind: 'number', integer: false, minimum: 0, blank: true },
  ],
}
