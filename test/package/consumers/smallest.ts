import { mm7DeliveryReports } from 'mm7-delivery-reports';

export const middleware = mm7DeliveryReports((report) => console.log(report.messageId));
